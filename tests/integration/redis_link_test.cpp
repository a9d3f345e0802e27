// The link against real servers that refuse, vanish, freeze and come back, and against one that lies.

#include "adapters/redis/link.hpp"

#include <comem/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <doctest/doctest.h>

#include <sstream>

#include "tests/support/lying_server.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {
namespace {

using redis::Link;
using redis::LinkOptions;
using redis::Reply;
using redis::Request;
using redis::Value;
using Outcome = redis::Reply::Outcome;

LinkOptions options_for(const std::string& url) {
  LinkOptions options;
  options.address = redis::parse_url(url);
  return options;
}

/// One command, its words between spaces. (g++ 12 cannot keep a list of words in an awaiting expression.)
asio::awaitable<Reply> ask(Link& link, std::string line, Milliseconds within = Milliseconds(5000)) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  Request request;
  request.add({words.begin(), words.end()}).within(within);
  Reply reply = co_await link.request(std::move(request));
  co_return reply;
}

/// What a request becomes that nobody awaits here.
struct Later {
  Reply reply;
  bool done = false;
};

asio::awaitable<void> ask_into(Link& link, Request request, std::shared_ptr<Later> later) {
  later->reply = co_await link.request(std::move(request));
  later->done = true;
}

std::shared_ptr<Later> ask_later(asio::any_io_executor executor, Link& link, Request request) {
  auto later = std::make_shared<Later>();
  auto task = ask_into(link, std::move(request), later);
  asio::co_spawn(executor, std::move(task), asio::detached);
  return later;
}

asio::awaitable<void> expect_reason(asio::any_io_executor executor, LinkOptions options, std::string words) {
  Link link(executor, std::move(options));
  link.start();
  const bool told = co_await comes_true([&] { return !link.machine().reason().empty(); });
  CHECK(told);
  CHECK_MESSAGE(link.machine().reason().find(words) != std::string::npos, link.machine().reason());
  CHECK_FALSE(link.up());
  const Reply reply = co_await ask(link, "PING", Milliseconds(20));
  CHECK(reply.outcome == Outcome::not_sent);
  CHECK_FALSE(reply.reason.empty());
  co_await link.stop();
}

void check_reason(LinkOptions options, const std::string& words) {
  run_bounded([&](asio::any_io_executor executor) { return expect_reason(executor, options, words); });
}

TEST_CASE("link: nobody listens") {
  check_reason(options_for("redis://127.0.0.1:" + std::to_string(free_port())), "refused");
  check_reason(options_for("unix:///tmp/comem-no-such-socket"), "does not exist");
  check_reason(options_for("redis://comem-no-such-host.invalid"), "host not found");
}

asio::awaitable<void> echo(asio::any_io_executor executor, LinkOptions options) {
  Link link(executor, std::move(options));
  link.start();
  const Reply reply = co_await ask(link, "ECHO hello");
  CHECK_MESSAGE(reply.outcome == Outcome::answered, reply.reason);
  if (reply.values.size() == 1) CHECK(reply.values[0].text == "hello");
  CHECK(reply.server.size() == 81);  // run id and replication id
  CHECK(link.machine().resp3());
  co_await link.stop();
}

TEST_CASE("link: passwords, users and databases") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  ServerOptions server_options;
  server_options.password = "right";
  RedisServer server(server_options);
  auto options = options_for(server.url());
  check_reason(options, "wants a password");
  options.address.password = "wrong";
  check_reason(options, "wrong user or password");
  options.address.password = "right";
  run_bounded([&](asio::any_io_executor executor) { return echo(executor, options); });
  server.command({"ACL", "SETUSER", "alice", "on", ">secret", "+@connection", "+info", "+echo"});
  options.address.username = "alice";
  check_reason(options, "wrong user or password");
  options.address.password = "secret";
  options.address.db = 5;
  run_bounded([&](asio::any_io_executor executor) { return echo(executor, options); });
  options.address.db = 5000;
  check_reason(options, "no database of this number");
}

TEST_CASE("link: Unix sockets") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  ServerOptions server_options;
  server_options.unix_socket = true;
  RedisServer server(server_options);
  const auto options = options_for(server.socket_url());
  run_bounded([&](asio::any_io_executor executor) { return echo(executor, options); });
}

TEST_CASE("link: TLS verifies the certificate and the host name") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  ServerOptions server_options;
  server_options.tls = true;
  RedisServer server(server_options);
  auto options = options_for(server.url());
  check_reason(options, "TLS failed");  // not a certificate that the system trusts
  options.ca_file = server.ca_file();
  run_bounded([&](asio::any_io_executor executor) { return echo(executor, options); });
  options.address.host = "127.0.0.1";  // the certificate says localhost
  check_reason(options, "TLS failed");
  auto plain = options_for(server.url());
  plain.address.kind = redis::Address::Kind::tcp;
  check_reason(plain, "");
  options.ca_file = "/nonexistent";
  asio::io_context io;
  CHECK_THROWS_AS(Link(io.get_executor(), options), Error);
}

asio::awaitable<void> check_restart(asio::any_io_executor executor, RedisServer* server) {
  int messages = 0;
  auto options = options_for(server->url());
  options.on_push = [&messages](const Value& push) {
    if (push.items[0].text == "message") ++messages;
  };
  Link link(executor, std::move(options));
  link.subscribe("news");
  link.start();
  CHECK((co_await ask(link, "SET a 1")).outcome == Outcome::answered);
  server->command({"PUBLISH", "news", "x"});
  CHECK(co_await comes_true([&] { return messages == 1; }));
  server->kill();
  CHECK(co_await comes_true([&] { return !link.up(); }));
  const Reply away = co_await ask(link, "GET a", Milliseconds(30));
  CHECK(away.outcome == Outcome::not_sent);
  Request waiting;
  waiting.add({"PING"});
  const auto later = ask_later(executor, link, std::move(waiting));
  server->start();
  CHECK(co_await comes_true([&] { return later->done; }));
  CHECK(later->reply.outcome == Outcome::answered);  // queued until the link was back
  CHECK(link.machine().connections() == 2);
  CHECK((co_await ask(link, "GET a")).values.at(0).is(Value::Kind::null));
  server->command({"PUBLISH", "news", "x"});
  CHECK(co_await comes_true([&] { return messages == 2; }));
  co_await link.stop();
}

TEST_CASE("link: a server killed and started again") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor executor) { return check_restart(executor, &server); });
}

asio::awaitable<void> check_frozen(asio::any_io_executor executor, RedisServer* server,
                                   Milliseconds timeout) {
  Link link(executor, options_for(server->url()));
  link.start();
  CHECK((co_await ask(link, "SET k before")).outcome == Outcome::answered);
  server->pause();
  const auto begun = std::chrono::steady_clock::now();
  const Reply lost = co_await ask(link, "SET k lost", timeout);
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(lost.outcome == Outcome::maybe_executed);
  CHECK(lost.reason.find("timed out") != std::string::npos);
  CHECK(took < timeout + Milliseconds(400));
  CHECK(took < Milliseconds(2400));
  CHECK_FALSE(link.up());
  const Reply held = co_await ask(link, "GET other", Milliseconds(30));
  CHECK(held.outcome == Outcome::not_sent);
  server->resume();
  for (int i = 0; i < 20; ++i) {
    const std::string word = "word" + std::to_string(i);
    const Reply reply = co_await ask(link, "ECHO " + word);
    CHECK(reply.outcome == Outcome::answered);
    CHECK(reply.values.at(0).text == word);  // never the answer to what timed out
  }
  CHECK(link.machine().connections() == 2);
  co_await link.stop();
}

TEST_CASE("link: a frozen server, noticed by the request's time-out or by its silence") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor e) { return check_frozen(e, &server, Milliseconds(200)); });
  run_bounded([&](asio::any_io_executor e) { return check_frozen(e, &server, Milliseconds(10000)); });
}

asio::awaitable<void> check_pushes_beside_a_pipeline(asio::any_io_executor executor, RedisServer* server) {
  constexpr int messages_sent = 200, commands = 20000;
  int messages = 0;
  auto options = options_for(server->url());
  options.on_push = [&messages](const Value& push) {
    if (push.items[0].text == "message") ++messages;
  };
  Link link(executor, std::move(options));
  for (int i = 0; i < 20; ++i) link.subscribe("news" + std::to_string(i));
  link.start();
  Request pipeline;
  for (int i = 0; i < commands; ++i) {
    const std::string word = std::to_string(i);
    pipeline.add({"ECHO", word});
    if (i % (commands / messages_sent) == 0) pipeline.add({"PUBLISH", "news3", "x"});
  }
  link.subscribe("late");
  const Reply reply = co_await link.request(std::move(pipeline));
  REQUIRE(reply.outcome == Outcome::answered);
  REQUIRE(reply.values.size() == commands + messages_sent);
  int expected = 0;
  for (const auto& value : reply.values)
    if (value.is(Value::Kind::text)) CHECK(value.text == std::to_string(expected++));
  CHECK(expected == commands);
  CHECK(co_await comes_true([&] { return messages == messages_sent; }));
  co_await link.stop();
}

TEST_CASE("link: push messages beside a big pipeline") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor e) { return check_pushes_beside_a_pipeline(e, &server); });
}

asio::awaitable<void> check_bounds(asio::any_io_executor executor) {
  auto options = options_for("redis://127.0.0.1:" + std::to_string(free_port()));
  options.max_requests = 3;
  options.max_bytes = 1000;
  Link link(executor, std::move(options));
  std::vector<std::shared_ptr<Later>> queued;
  for (int i = 0; i < 3; ++i) {
    Request request;
    request.add({"PING"});
    queued.push_back(ask_later(executor, link, std::move(request)));
  }
  CHECK_FALSE(co_await comes_true([&] { return queued[0]->done; }, Milliseconds(20)));
  const Reply refused = co_await ask(link, "PING");
  CHECK(refused.outcome == Outcome::not_sent);
  CHECK(refused.reason.find("wait for Redis already") != std::string::npos);
  const Reply large = co_await ask(link, "SET k " + std::string(2000, 'x'));
  CHECK(large.outcome == Outcome::not_sent);
  co_await link.stop();
  CHECK(co_await comes_true([&] { return queued[2]->done; }));
  for (const auto& later : queued) CHECK(later->reply.outcome == Outcome::not_sent);
  const Reply closed = co_await ask(link, "PING");
  CHECK(closed.reason.find("closed") != std::string::npos);
}

TEST_CASE("link: bounded queues, and an end for all that wait") {
  run_bounded(check_bounds);
}

asio::awaitable<void> check_cancelled(asio::any_io_executor executor, RedisServer* server) {
  Link link(executor, options_for(server->url()));
  link.start();
  CHECK((co_await ask(link, "PING")).outcome == Outcome::answered);
  asio::cancellation_signal cancel;
  bool ended = false;
  auto task = ask(link, "BLPOP nothing 0.2");
  asio::co_spawn(executor, std::move(task),
                 asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error, Reply) {
                   ended = error != nullptr;
                 }));
  const auto behind = ask_later(executor, link, Request().add({"ECHO", "mine"}));
  CHECK_FALSE(co_await comes_true([&] { return behind->done; }, Milliseconds(20)));
  cancel.emit(asio::cancellation_type::terminal);
  CHECK(co_await comes_true([&] { return ended; }));
  CHECK(co_await comes_true([&] { return behind->done; }));
  CHECK(behind->reply.values.at(0).text == "mine");  // not the reply of the cancelled one
  co_await link.stop();
}

TEST_CASE("link: a cancelled request takes nobody with it") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor e) { return check_cancelled(e, &server); });
}

/// A server that greets properly and then answers every command with `words`.
std::string greet_then(const std::string& received, const std::string& words) {
  if (received.find("HELLO") != std::string::npos) return "%1\r\n+server\r\n+redis\r\n";
  if (received.find("INFO") != std::string::npos) return "$11\r\nrun_id:liar\r\n$7\r\nnothing\r\n+PONG\r\n";
  return words;
}

asio::awaitable<void> check_liar(asio::any_io_executor executor, std::string first, std::string later,
                                 std::string words) {
  auto answer = [first, later](const std::string& received, int) {
    return first.empty() ? greet_then(received, later) : first;
  };
  const auto server = std::make_shared<LyingServer>(executor, answer);
  server->start();
  Link link(executor, options_for(server->url()));
  link.start();
  const Reply reply = co_await ask(link, "GET a", Milliseconds(2500));
  CHECK(reply.outcome != Outcome::answered);
  CHECK_MESSAGE(reply.reason.find(words) != std::string::npos, reply.reason);
  co_await link.stop();
  server->stop();
}

TEST_CASE("link: a server that speaks something else, lies, or says nothing") {
  const auto run = [](std::string first, std::string later, std::string words) {
    run_bounded([&](asio::any_io_executor e) { return check_liar(e, first, later, words); });
  };
  run("HTTP/1.1 400 Bad Request\r\n\r\n", "", "does not speak the Redis protocol");
  run("", "garbage\r\n", "does not speak the Redis protocol");
  run("", "$999999999999\r\n", "does not speak the Redis protocol");
  run("", "*1\r\n*1\r\n", "timed out");  // never finishes: the request's own time, or silence, ends it
}

asio::awaitable<void> check_unasked(asio::any_io_executor executor) {
  auto answer = [](const std::string& received, int connection) {
    const std::string extra = connection == 1 ? "+for nobody\r\n" : "";
    return greet_then(received,
                      received.find("ECHO") != std::string::npos ? "+mine\r\n" + extra : "+PONG\r\n");
  };
  const auto server = std::make_shared<LyingServer>(executor, answer);
  server->start();
  Link link(executor, options_for(server->url()));
  link.start();
  const Reply reply = co_await ask(link, "ECHO mine");
  CHECK(reply.values.at(0).text == "mine");
  CHECK(co_await comes_true([&] { return server->connections() == 2; }));
  const Reply second = co_await ask(link, "ECHO mine");
  CHECK(second.values.at(0).text == "mine");
  co_await link.stop();
  server->stop();
}

TEST_CASE("link: an answer that nobody asked for ends the connection") {
  run_bounded(check_unasked);
}

asio::awaitable<void> check_old_server(asio::any_io_executor executor) {
  auto answer = [](const std::string& received, int) -> std::string {
    if (received.find("HELLO") != std::string::npos) return "-ERR unknown command `HELLO`\r\n";
    if (received.find("INFO") != std::string::npos)
      return "+OK\r\n$27\r\nredis_version:5.0\r\nrun_id:r\r\n+none\r\n+PONG\r\n";
    if (received.find("SUBSCRIBE") != std::string::npos) return "-ERR must not be asked\r\n";
    return "+fine\r\n";
  };
  const auto server = std::make_shared<LyingServer>(executor, answer);
  server->start();
  Link link(executor, options_for(server->url()));
  link.subscribe("news");
  link.start();
  const Reply reply = co_await ask(link, "GET a");
  REQUIRE_MESSAGE(reply.outcome == Outcome::answered, reply.reason);
  CHECK(reply.values.at(0).text == "fine");
  CHECK_FALSE(link.machine().resp3());
  co_await link.stop();
  server->stop();
}

TEST_CASE("link: a server without RESP3 serves requests, and no subscriptions") {
  run_bounded(check_old_server);
}

asio::awaitable<void> check_dropped_handle(asio::any_io_executor executor, RedisServer* server) {
  auto link = std::make_unique<Link>(executor, options_for(server->url()));
  link->start();
  CHECK((co_await ask(*link, "PING")).outcome == Outcome::answered);
  link.reset();  // and run_bounded() sees the loop run dry
}

TEST_CASE("link: a handle that goes without stop() leaves nothing running") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor e) { return check_dropped_handle(e, &server); });
}

}  // namespace
}  // namespace comem::testing
