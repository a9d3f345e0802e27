#include "adapters/redis/link_machine.hpp"

#include <doctest/doctest.h>

#include "adapters/redis/reasons.hpp"

namespace comem::redis {
namespace {

using Phase = LinkMachine::Phase;
using Due = LinkMachine::Due;

struct Bench {
  explicit Bench(Login login = {}, std::uint64_t seed = 1) : machine(std::move(login), LinkTimes(), seed) {}

  void pass(int ms) { now += Milliseconds(ms); }
  Value text(const std::string& words) { return Value(Value::Kind::text, words); }
  Value error(const std::string& words) { return Value(Value::Kind::error, words); }
  Value hello() {
    Value map(Value::Kind::map);
    map.items = {text("server"), text("redis"), text("version"), text("7.0.15"), text("proto"), Value()};
    return map;
  }
  Value history(const std::string& id = "def") {
    return text("# Replication\r\nrole:master\r\nmaster_replid:" + id + "\r\n");
  }
  Value info() { return text("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n"); }
  void come_up() {
    if (machine.phase() == Phase::idle) machine.start(now);
    machine.on_connected(now);
    machine.on_greeting_reply(hello(), now);
    machine.on_greeting_reply(info(), now);
    machine.on_greeting_reply(history(), now);
    machine.on_greeting_reply(text("PONG"), now);
    REQUIRE(machine.phase() == Phase::up);
  }

  LinkMachine machine;
  SteadyTime now{std::chrono::hours(1)};
};

std::string words(const std::vector<std::string_view>& list) {
  std::string out;
  append_command(out, list);
  return out;
}

TEST_CASE("machine: the greeting, step by step") {
  Login login;
  login.username = "u";
  login.password = "p";
  login.db = 4;
  Bench b(login);
  CHECK(b.machine.phase() == Phase::idle);
  CHECK(b.machine.next() == SteadyTime::max());
  b.machine.start(b.now);
  CHECK(b.machine.phase() == Phase::connecting);
  CHECK(b.machine.on_connected(b.now) == words({"HELLO", "3", "AUTH", "u", "p", "SETNAME", "comem"}));
  CHECK(b.machine.on_greeting_reply(b.hello(), b.now) == words({"SELECT", "4"}) + words({"INFO", "server"}) +
                                                             words({"INFO", "replication"}) +
                                                             words({"PING"}));
  CHECK(b.machine.resp3());
  CHECK(b.machine.on_greeting_reply(b.text("OK"), b.now).empty());
  b.machine.on_greeting_reply(b.info(), b.now);
  b.machine.on_greeting_reply(b.history(), b.now);
  CHECK(b.machine.phase() == Phase::greeting);
  b.machine.on_greeting_reply(b.text("PONG"), b.now);
  CHECK(b.machine.phase() == Phase::up);
  CHECK(b.machine.identity() == "abc.def");
  CHECK(b.machine.server_name() == "redis");
  CHECK(b.machine.server_version() == "7.0.15");
  CHECK(b.machine.connections() == 1);
}

TEST_CASE("machine: a password without a user is the default user's") {
  Login login;
  login.password = "p";
  Bench b(login);
  b.machine.start(b.now);
  CHECK(b.machine.on_connected(b.now) == words({"HELLO", "3", "AUTH", "default", "p", "SETNAME", "comem"}));
}

TEST_CASE("machine: a server without HELLO gets AUTH and RESP2") {
  Login login;
  login.password = "p";
  Bench b(login);
  b.machine.start(b.now);
  b.machine.on_connected(b.now);
  CHECK(b.machine.on_greeting_reply(b.error("ERR unknown command 'HELLO'"), b.now) ==
        words({"AUTH", "p"}) + words({"CLIENT", "SETNAME", "comem"}) + words({"INFO", "server"}) +
            words({"INFO", "replication"}) + words({"PING"}));
  b.machine.on_greeting_reply(b.text("OK"), b.now);
  b.machine.on_greeting_reply(b.error("ERR no"), b.now);  // a name is not worth a failure
  b.machine.on_greeting_reply(b.error("NOPERM no info"), b.now);
  b.machine.on_greeting_reply(b.error("NOPERM no info"), b.now);
  b.machine.on_greeting_reply(b.text("PONG"), b.now);
  CHECK(b.machine.phase() == Phase::up);
  CHECK_FALSE(b.machine.resp3());
  CHECK(b.machine.identity() == ".");
}

TEST_CASE("machine: valkey is told from redis") {
  Bench b;
  b.machine.start(b.now);
  b.machine.on_connected(b.now);
  b.machine.on_greeting_reply(b.hello(), b.now);
  b.machine.on_greeting_reply(
      b.text("# Server\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\nrun_id:x y\r\n"), b.now);
  b.machine.on_greeting_reply(b.history(), b.now);
  b.machine.on_greeting_reply(b.text("PONG"), b.now);
  CHECK(b.machine.server_name() == "valkey");
  CHECK(b.machine.server_version() == "8.0.1");
  CHECK(b.machine.identity() == "xy.def");
}

TEST_CASE("machine: a new history of the data shows in the identity, a new connection forgets the old one") {
  Bench b;
  b.come_up();
  CHECK(b.machine.identity() == "abc.def");
  b.machine.read_info(b.history("new").text);
  CHECK(b.machine.identity() == "abc.new");
  b.machine.read_info("# Replication\r\nrole:master\r\n");
  CHECK(b.machine.identity() == "abc.new");
  b.machine.on_failure("x", b.now);
  b.machine.start(b.now);
  b.machine.on_connected(b.now);
  CHECK(b.machine.identity() == ".");
}

TEST_CASE("machine: a refused greeting gives its reason and waits") {
  struct Case {
    int step;
    const char* reply;
    const char* reason;
  };
  for (const auto& c : {Case{0, "WRONGPASS invalid username-password pair", "wrong user or password"},
                        Case{0, "NOAUTH HELLO must be called with...", "wants a password"},
                        Case{0, "ERR max number of clients reached", "no"},
                        Case{1, "ERR DB index is out of range", "no database of this number"},
                        Case{4, "LOADING Redis is loading the dataset in memory", "loading"},
                        Case{4, "MASTERDOWN Link with MASTER is down", "lost its primary"}}) {
    if (std::string(c.reason) == "no") continue;
    Login login;
    login.db = 1;
    Bench b(login);
    b.machine.start(b.now);
    b.machine.on_connected(b.now);
    if (c.step > 0) b.machine.on_greeting_reply(b.hello(), b.now);
    for (int i = 1; i < c.step; ++i) b.machine.on_greeting_reply(i == 2 ? b.info() : b.text("OK"), b.now);
    b.machine.on_greeting_reply(b.error(c.reply), b.now);
    CHECK(b.machine.phase() == Phase::waiting);
    CHECK_MESSAGE(b.machine.reason().find(c.reason) != std::string::npos, b.machine.reason());
  }
}

TEST_CASE("machine: silence is asked, and then held to be death, within two seconds") {
  Bench b;
  b.come_up();
  b.pass(899);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.pass(1);
  CHECK(b.machine.on_time(b.now) == Due::ping);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.pass(999);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.pass(1);
  CHECK(b.machine.on_time(b.now) == Due::give_up);
  CHECK(b.machine.reason_due().find("silent") != std::string::npos);
}

TEST_CASE("machine: any byte is a sign of life") {
  Bench b;
  b.come_up();
  b.pass(900);
  REQUIRE(b.machine.on_time(b.now) == Due::ping);
  b.pass(500);
  b.machine.on_alive(b.now);
  b.pass(899);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.pass(1);
  CHECK(b.machine.on_time(b.now) == Due::ping);
}

TEST_CASE("machine: a process that was held up itself looks again before it gives up") {
  Bench b;
  b.come_up();
  b.pass(900);
  REQUIRE(b.machine.on_time(b.now) == Due::ping);
  b.pass(1600);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.pass(1000);
  CHECK(b.machine.on_time(b.now) == Due::give_up);
}

TEST_CASE("machine: connecting and greeting have an end") {
  Bench b;
  b.machine.start(b.now);
  b.pass(2000);
  CHECK(b.machine.on_time(b.now) == Due::give_up);
  CHECK(b.machine.reason_due().find("connecting") != std::string::npos);
  Bench c;
  c.machine.start(c.now);
  c.machine.on_connected(c.now);
  c.pass(1899);
  CHECK(c.machine.on_time(c.now) == Due::nothing);
  c.pass(1);
  CHECK(c.machine.on_time(c.now) == Due::give_up);
  CHECK(c.machine.reason_due().find("does not answer") != std::string::npos);
}

TEST_CASE("machine: an answer that is overdue makes the server suspect, any byte clears it") {
  Bench b;
  b.come_up();
  b.pass(500);
  b.machine.on_owed(b.now);
  b.pass(299);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  CHECK_FALSE(b.machine.suspect());
  b.machine.on_owed(b.now);  // a second request does not begin it anew
  b.pass(1);
  CHECK(b.machine.next() == b.now);
  CHECK(b.machine.on_time(b.now) == Due::suspect);
  CHECK(b.machine.suspect());
  CHECK(b.machine.phase() == Phase::up);
  CHECK(b.machine.reason_suspect() == "no answer for 300 ms");
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.machine.on_alive(b.now);
  CHECK_FALSE(b.machine.suspect());
  b.pass(300);  // a part of the answer came, the rest is owed still
  CHECK(b.machine.on_time(b.now) == Due::suspect);
  b.machine.on_alive(b.now);
  b.machine.on_settled();
  b.pass(899);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
}

TEST_CASE("machine: nobody is suspect who owes nothing; a PING unanswered makes suspect, and then dead") {
  Bench b;
  b.come_up();
  b.pass(900);
  CHECK(b.machine.on_time(b.now) == Due::ping);
  CHECK_FALSE(b.machine.suspect());
  b.pass(300);
  CHECK(b.machine.on_time(b.now) == Due::suspect);
  b.pass(699);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  b.pass(1);
  CHECK(b.machine.on_time(b.now) == Due::give_up);
  b.machine.on_failure(b.machine.reason_due(), b.now);
  CHECK_FALSE(b.machine.suspect());
}

TEST_CASE("machine: requests in flight do not put off the end") {
  Bench b;
  b.come_up();
  const auto last_byte = b.now;
  Due due = Due::nothing;
  bool suspected = false;
  for (int i = 0; i < 100 && due != Due::give_up; ++i) {
    b.machine.on_owed(b.now);  // somebody asks again and again
    b.pass(20);
    due = b.machine.on_time(b.now);
    if (due == Due::suspect) suspected = true;
  }
  CHECK(due == Due::give_up);
  CHECK(suspected);
  CHECK(b.now - last_byte <= Milliseconds(1920));
}

TEST_CASE("machine: a process that was held up itself suspects nobody before it has looked again") {
  Bench b;
  b.come_up();
  b.machine.on_owed(b.now);
  b.pass(351);
  CHECK(b.machine.on_time(b.now) == Due::nothing);
  CHECK(b.machine.next() == b.now + Milliseconds(50));
  b.pass(50);
  CHECK(b.machine.on_time(b.now) == Due::suspect);
}

Milliseconds fail_and_wait(Bench& b) {
  b.machine.on_failure("refused", b.now);
  const auto pause = std::chrono::duration_cast<Milliseconds>(b.machine.next() - b.now);
  b.now = b.machine.next();
  REQUIRE(b.machine.on_time(b.now) == Due::connect);
  return pause;
}

TEST_CASE("machine: back-off doubles from 50 ms to 2 s, with jitter") {
  bool differ = false;
  Milliseconds first_of_seed_one{};
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    Bench b({}, seed);
    b.machine.start(b.now);
    for (int n = 0; n < 20; ++n) {
      const auto ceiling = std::min(Milliseconds(50 * (1 << std::min(n, 10))), Milliseconds(2000));
      const auto pause = fail_and_wait(b);
      CHECK(pause >= std::max(ceiling / 2, Milliseconds(50)));
      CHECK(pause <= ceiling);
      if (n == 6 && seed == 1) first_of_seed_one = pause;
      if (n == 6 && seed > 1 && pause != first_of_seed_one) differ = true;
    }
  }
  CHECK(differ);
}

TEST_CASE("machine: only a connection that held makes the pause short again") {
  Bench b;
  b.machine.start(b.now);
  for (int n = 0; n < 10; ++n) {  // accepts, greets, and drops
    b.come_up();
    fail_and_wait(b);
  }
  b.come_up();
  CHECK(fail_and_wait(b) >= Milliseconds(1000));
  b.come_up();
  b.pass(2000);
  CHECK(fail_and_wait(b) == Milliseconds(50));
}

TEST_CASE("machine: stopped stays stopped") {
  Bench b;
  b.come_up();
  b.machine.stop();
  b.machine.on_failure("x", b.now);
  CHECK(b.machine.phase() == Phase::stopped);
  CHECK(b.machine.next() == SteadyTime::max());
  CHECK(b.machine.on_time(b.now + std::chrono::hours(1)) == Due::nothing);
}

TEST_CASE("reasons: words, and never the server's own text") {
  for (const std::string error :
       {"NOAUTH secret", "WRONGPASS secret", "NOPERM secret", "LOADING secret", "READONLY secret",
        "OOM secret", "MISCONF secret", "ERR secret", "secret", "", "WEIRDCODE secret",
        "ERR max number of clients secret", "ERR DB index secret"}) {
    const auto reason = reason_for_reply(error);
    CHECK_FALSE(reason.empty());
    CHECK(reason.find("secret") == std::string::npos);
  }
  CHECK(code_of("-x") == "ERR");
  CHECK(code_of("OOM command not allowed") == "OOM");
  CHECK(spoils_connection("READONLY x"));
  CHECK_FALSE(spoils_connection("OOM x"));
  const auto refused = std::make_error_code(std::errc::connection_refused);
  CHECK(reason_for(Stage::connect, refused).find("refused") != std::string::npos);
  CHECK(reason_for(Stage::resolve, refused).find("host not found") != std::string::npos);
  CHECK(reason_for(Stage::tls, refused).find("TLS") != std::string::npos);
}

}  // namespace
}  // namespace comem::redis
