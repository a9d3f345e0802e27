// Adapters on different files share through a real server; the server goes, comes back, and holds rubbish.

#include <comem/comem.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mutex>

#include "core/envelope.hpp"
#include "tests/contract/adapter_worlds.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

struct Hosts {
  explicit Hosts(ServerOptions options = {}) : server(std::move(options)) {}

  Options host(const std::string& name) const {
    Options options;
    options.backend = Backend::redis;
    options.redis_url = server.url();
    options.database = directory.file(name + ".db");
    options.agent_id = name;
    options.startup_wait = std::chrono::seconds(5);
    options.log = [](LogLevel, std::string_view) {};
    return options;
  }

  TemporaryDirectory directory;
  RedisServer server;
  boost::asio::io_context loop;
};

awaitable<void> tick() {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, Milliseconds(2));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Waits until a search finds `n` memories; bounded by the test's own limit.
awaitable<void> until_found(RedisMemoryAdapter& memory, std::string words, std::size_t n) {
  for (;;) {
    const auto hits = co_await memory.search(Query(words));
    if (hits.size() == n) co_return;
    co_await tick();
  }
}

awaitable<void> until_available(RedisMemoryAdapter& memory, bool available) {
  while (memory.redis_available() != available) co_await tick();
}

awaitable<void> share_all_kinds(Hosts& hosts) {
  RedisMemoryAdapter a = co_await create_memory_adapter(hosts.host("a"));
  RedisMemoryAdapter b = co_await create_memory_adapter(hosts.host("b"));
  Subscription stream = co_await b.subscribe();
  const WriteResult saved = co_await a.save_episode(NewEpisode("zebra crossing").level(Level::shared));
  CHECK(saved.outcome == Outcome::ok);
  co_await until_found(b, "zebra", 1);
  const auto change = co_await stream.next();
  REQUIRE(change);
  CHECK(change->id == saved.id);
  CHECK(change->agent == "a");
  CHECK(change->version == saved.version);

  co_await a.save_skill(NewSkill("knit").description("with wool"));
  co_await until_found(b, "wool", 1);
  co_await b.record_skill_execution("knit", true, Milliseconds(10));
  co_await a.record_skill_execution("knit", false, Milliseconds(20));
  for (auto* memory : {&a, &b}) {
    for (;;) {
      const auto skill = co_await memory->get_skill("knit");
      if (skill && skill->executions == 2 && skill->successes == 1) break;
      co_await tick();
    }
  }
  co_await b.forget(saved.id);
  co_await until_found(a, "zebra", 0);
  co_await a.close();
  co_await b.close();
}

awaitable<void> move_to_another_host(Hosts& hosts) {
  Options first = hosts.host("traveller");
  RedisMemoryAdapter a = co_await create_memory_adapter(first);
  co_await a.add_step(NewStep("packed"));
  co_await a.add_step(NewStep("left"));
  co_await a.close();
  Options second = hosts.host("elsewhere");
  second.agent_id = "traveller";
  RedisMemoryAdapter b = co_await create_memory_adapter(second);
  const auto steps = co_await b.get_recent_steps();
  REQUIRE(steps.size() == 2);
  CHECK(steps[1].action == "left");
  co_await b.close();
}

awaitable<void> survive_a_killed_server(Hosts& hosts) {
  RedisMemoryAdapter a = co_await create_memory_adapter(hosts.host("a"));
  RedisMemoryAdapter b = co_await create_memory_adapter(hosts.host("b"));
  co_await a.remember(NewMemory("apple before"));
  co_await until_found(b, "apple", 1);
  hosts.server.kill();
  co_await until_available(a, false);
  co_await until_available(b, false);
  const WriteResult saved = co_await a.remember(NewMemory("apple during").level(Level::shared));
  CHECK(saved.outcome == Outcome::pending);
  co_await b.remember(NewMemory("apple meanwhile"));
  const auto hits = co_await a.search(Query("during"));
  CHECK(hits.size() == 1);
  const auto stats = co_await a.stats();
  CHECK(stats.unshared >= 1);
  CHECK(stats.relay.state == RelayState::down);
  CHECK_FALSE(stats.relay.reason.empty());
  hosts.server.start();  // and empty
  co_await until_found(a, "apple", 3);
  co_await until_found(b, "apple", 3);
  const bool flushed = co_await a.flush();
  CHECK(flushed);
  RedisMemoryAdapter c = co_await create_memory_adapter(hosts.host("c"));
  co_await until_found(c, "apple", 3);
  co_await a.close();
  co_await b.close();
  co_await c.close();
}

awaitable<void> start_without_server(Hosts& hosts) {
  hosts.server.kill();
  Options options = hosts.host("a");
  options.startup_wait = std::chrono::milliseconds(250);
  RedisMemoryAdapter a = co_await create_memory_adapter(options);
  CHECK_FALSE(a.redis_available());
  co_await a.remember(NewMemory("lonely pear"));
  hosts.server.start();
  RedisMemoryAdapter b = co_await create_memory_adapter(hosts.host("b"));
  co_await until_found(b, "pear", 1);
  co_await a.close();
  co_await b.close();
}

awaitable<void> name_a_wrong_password(Hosts& hosts) {
  Options options = hosts.host("a");
  options.redis_url = "redis://:wrong-secret@127.0.0.1:" + std::to_string(hosts.server.port());
  std::string logged;
  std::mutex mutex;
  options.log = [&](LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex);
    logged += line;
  };
  RedisMemoryAdapter a = co_await create_memory_adapter(options);
  co_await a.remember(NewMemory("works all the same"));
  Stats stats = co_await a.stats();
  while (stats.relay.state != RelayState::down) {
    co_await tick();
    stats = co_await a.stats();
  }
  CHECK(stats.relay.reason.find("password") != std::string::npos);
  CHECK(stats.relay.reason.find("wrong-secret") == std::string::npos);
  CHECK(stats.relay.endpoint.find("wrong-secret") == std::string::npos);
  co_await a.close();
  const std::lock_guard lock(mutex);
  CHECK(logged.find("wrong-secret") == std::string::npos);
  CHECK_FALSE(logged.empty());
}

std::string bomb() {
  const std::string zeros(64u << 20, '0');
  return comem::wrap_value(std::string_view(zeros).substr(0, max_value_bytes), 0);
}

awaitable<void> leave_rubbish_alone(Hosts& hosts) {
  RedisMemoryAdapter a = co_await create_memory_adapter(hosts.host("a"));
  RedisMemoryAdapter b = co_await create_memory_adapter(hosts.host("b"));
  for (const auto* id : {"flag", "bomb", "deep", "list", "good"}) {
    const std::string key = std::string("{default}:memory:episodic:") + id;
    co_await a.remember(NewMemory("quince").id(id).level(Level::shared));
  }
  co_await until_found(b, "quince", 5);
  const auto key = [](const std::string& id) { return "{default}:memory:episodic:" + id; };
  hosts.server.command({"SET", key("flag"), "\x07{}"});
  hosts.server.command({"SET", key("bomb"), bomb()});
  hosts.server.command({"SET", key("deep"), std::string(1, '\0') + std::string(100'000, '[')});
  hosts.server.command({"DEL", key("list")});
  hosts.server.command({"LPUSH", key("list"), "x"});
  RedisMemoryAdapter c = co_await create_memory_adapter(hosts.host("c"));
  co_await until_found(c, "quince", 1);
  const auto good = co_await c.get("good");
  CHECK(good);
  const auto still = co_await b.search(Query("quince"));  // what was shared before is untouched
  CHECK(still.size() == 5);
  co_await a.close();
  co_await b.close();
  co_await c.close();
}

awaitable<void> leave_nothing_dead_behind(Hosts& hosts) {
  RedisMemoryAdapter a = co_await create_memory_adapter(hosts.host("a"));
  co_await a.remember(NewMemory("short").id("s").ttl(Milliseconds(60'000)).level(Level::shared));
  const std::string ttl = hosts.server.command({"PTTL", "{default}:memory:episodic:s"});
  const long left = std::stol(ttl.substr(1));
  CHECK(left > 60'000);
  CHECK(left <= 60'000 + 5 * 60'000);
  co_await a.forget("s");
  const bool flushed = co_await a.flush();
  CHECK(flushed);
  CHECK(hosts.server.command({"EXISTS", "{default}:memory:episodic:s"}) == ":0\r\n");
  CHECK(hosts.server.command({"ZSCORE", "{default}:memory:episodic:index:all", "s"}).substr(0, 1) != ",");
  CHECK(hosts.server.command({"ZCARD", "{default}:memory:episodic:index:all"}) == ":0\r\n");
  co_await a.close();
}

awaitable<void> share_one_link(Hosts& hosts) {
  RedisMemoryAdapter a = co_await create_memory_adapter(hosts.host("a"));
  Options other = hosts.host("a");
  other.agent_id = "second";
  other.ns = "elsewhere";
  RedisMemoryAdapter b = co_await create_memory_adapter(other);
  co_await b.remember(NewMemory("x").level(Level::shared));
  const std::string clients = hosts.server.command({"CLIENT", "LIST"});
  std::size_t links = 0;
  for (std::size_t at = 0; (at = clients.find("name=comem", at)) != std::string::npos; ++at) ++links;
  CHECK(links == 1);
  const auto sa = co_await a.stats();
  const auto sb = co_await b.stats();
  CHECK(sa.store_id == sb.store_id);
  co_await a.close();
  co_await b.close();
}

void with_server(awaitable<void> (*test)(Hosts&), ServerOptions options = {}) {
  if (!RedisServer::installed(options.kind)) return;
  Hosts hosts(std::move(options));
  testing::run(hosts.loop, test(hosts), std::chrono::seconds(60));
}

}  // namespace

TEST_CASE("two stores share memories, counts and removals, and hear of each other") {
  with_server(share_all_kinds);
}
TEST_CASE("the same over Valkey") {
  ServerOptions options;
  options.kind = ServerKind::valkey;
  with_server(share_all_kinds, options);
}
TEST_CASE("an agent finds its working memory on another host") {
  with_server(move_to_another_host);
}
TEST_CASE("nothing stops when the server is killed, and all is shared when it returns empty") {
  with_server(survive_a_killed_server);
}
TEST_CASE("what was written before there was a server is shared when it comes") {
  with_server(start_without_server);
}
TEST_CASE("a wrong password is named, and never shown") {
  ServerOptions options;
  options.password = "right-secret";
  with_server(name_a_wrong_password, options);
}
TEST_CASE("foreign and broken values in Redis are left alone") {
  with_server(leave_rubbish_alone);
}
TEST_CASE("what is forgotten or mortal leaves nothing behind in Redis") {
  with_server(leave_nothing_dead_behind);
}
TEST_CASE("adapters of one process on one file share one link") {
  with_server(share_one_link);
}
