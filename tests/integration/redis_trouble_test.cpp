// Servers in trouble: each is told in words that name the way out, and used again once it has passed.

#include <boost/asio/co_spawn.hpp>

#include "adapters/redis/redis_relay.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include "tests/contract/relay_contract.hpp"
#include "tests/integration/relay_on_server.hpp"

namespace comem::testing {
namespace {

using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

asio::awaitable<void> frozen(asio::any_io_executor executor, RedisServer* server, bool busy) {
  using SteadyClock = std::chrono::steady_clock;
  RecordingListener listener;
  Options options;
  options.redis_url = server->url();
  options.log = [](LogLevel, std::string_view) {};
  const auto relay = redis::make_redis_relay(options, executor);
  relay->start(listener);
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::up; }));
  server->pause();
  const auto frozen_at = SteadyClock::now();
  if (busy) {
    auto task = relay->pull("ns", Position(), 10);
    asio::co_spawn(executor, std::move(task), [](const std::exception_ptr&, const PullReply&) {});
  }
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::suspect; }));
  CHECK(is_linked(relay->state()));
  CHECK(relay->stats().reason == "no answer for 300 ms");
  if (busy) CHECK(SteadyClock::now() - frozen_at < Milliseconds(600));
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::down; }));
  CHECK(SteadyClock::now() - frozen_at < Milliseconds(2000));
  server->resume();
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::up; }));
  // One that wakes up in time is merely suspect for a while, and keeps its connection.
  const auto reconnects = relay->stats().reconnects;
  server->pause();
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::suspect; }));
  server->resume();
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::up; }));
  CHECK(relay->stats().reconnects == reconnects);
  CHECK(relay->stats().reason.empty());
  const std::vector<RelayState> wanted{RelayState::up, RelayState::suspect, RelayState::down,
                                       RelayState::up, RelayState::suspect, RelayState::up};
  auto& states = listener.states;  // while it is down, each attempt may give its own reason
  states.erase(std::unique(states.begin(), states.end()), states.end());
  const bool as_wanted = states == wanted;
  CHECK(as_wanted);
  co_await relay->stop();
}

TEST_CASE("redis trouble: a frozen server is suspect, then down within two seconds, then up again") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  for (const bool busy : {false, true}) {
    RedisServer server;
    run_bounded([&](asio::any_io_executor executor) { return frozen(executor, &server, busy); });
  }
}

asio::awaitable<void> check_out_of_memory(Relay& relay, RedisServer& server) {
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1)) == PushStatus::applied);
  server.command({"CONFIG", "SET", "maxmemory", "1"});
  std::vector<Record> records{sample_record("ns", "b", 1)};
  const PushReply reply = co_await push(relay, records);
  CHECK(reply.statuses.at(0) == PushStatus::refused);
  CHECK(reply.reason.find("out of memory") != std::string::npos);
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK(page.records.size() == 1);
  server.command({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(co_await push_one(relay, sample_record("ns", "b", 1)) == PushStatus::applied);
}

TEST_CASE("redis trouble: a server out of memory") {
  run_on_both(check_out_of_memory);
}

asio::awaitable<void> check_read_only(Relay& relay, RedisServer& server) {
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1)) == PushStatus::applied);
  server.command({"REPLICAOF", "127.0.0.1", "1"});
  std::vector<Record> records{sample_record("ns", "b", 1)};
  const PushReply reply = co_await push(relay, records);
  CHECK(reply.statuses.at(0) == PushStatus::refused);
  CHECK_MESSAGE(reply.reason.find("read-only replica") != std::string::npos, reply.reason);
  CHECK(
      co_await comes_true([&] { return relay.stats().reconnects >= 1; }));  // it looks for the primary again
  server.command({"REPLICAOF", "NO", "ONE"});
  PushStatus status = PushStatus::refused;
  for (int i = 0; i < 200 && status != PushStatus::applied; ++i) {
    CHECK(co_await comes_true([&] { return relay.state() == RelayState::up; }));
    status = co_await push_one(relay, sample_record("ns", "b", 1));
  }
  CHECK(status == PushStatus::applied);
}

TEST_CASE("redis trouble: a read-only replica") {
  run_on_both(check_read_only);
}

asio::awaitable<void> expect_refused(Relay& relay, std::string words) {
  std::vector<Record> records{sample_record("ns", "refused", 1)};
  const PushReply reply = co_await push(relay, std::move(records));
  CHECK(reply.statuses.at(0) == PushStatus::refused);
  CHECK_MESSAGE(reply.reason.find(words) != std::string::npos, reply.reason);
}

asio::awaitable<void> check_cannot_save(Relay& relay, RedisServer& server) {
  server.command({"CONFIG", "SET", "dbfilename", "."});
  server.command({"CONFIG", "SET", "save", "3600 1"});
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1)) == PushStatus::applied);
  server.command({"BGSAVE"});
  CHECK(co_await comes_true([&] {
    return server.command({"INFO", "persistence"}).find("rdb_last_bgsave_status:err") != std::string::npos;
  }));
  co_await expect_refused(relay, "cannot save to disk");
  server.command({"CONFIG", "SET", "stop-writes-on-bgsave-error", "no"});
  CHECK(co_await push_one(relay, sample_record("ns", "refused", 1)) == PushStatus::applied);
}

TEST_CASE("redis trouble: a server that cannot save (MISCONF)") {
  run_on_both(check_cannot_save, {}, {"--enable-protected-configs", "yes"});
}

asio::awaitable<void> check_too_few_replicas(Relay& relay, RedisServer& server) {
  server.command({"CONFIG", "SET", "min-replicas-to-write", "1"});
  co_await expect_refused(relay, "too few replicas");
  server.command({"CONFIG", "SET", "min-replicas-to-write", "0"});
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1)) == PushStatus::applied);
}

TEST_CASE("redis trouble: too few replicas (NOREPLICAS)") {
  run_on_both(check_too_few_replicas);
}

asio::awaitable<void> check_lost_primary(Relay& relay, RedisServer& server) {
  server.command({"CONFIG", "SET", "replica-serve-stale-data", "no"});
  server.command({"REPLICAOF", "127.0.0.1", "1"});
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK_FALSE(page.answered);
  CHECK_MESSAGE(page.reason.find("lost its primary") != std::string::npos, page.reason);
  const auto says_so = [&] {
    return relay.state() == RelayState::down &&
           relay.stats().reason.find("lost its primary") != std::string::npos;
  };
  CHECK(co_await comes_true(says_so));
  server.command({"REPLICAOF", "NO", "ONE"});
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::up; }));
}

TEST_CASE("redis trouble: a replica that lost its primary (MASTERDOWN)") {
  run_on_both(check_lost_primary);
}

asio::awaitable<void> check_loading(Relay& relay, RedisServer& server) {
  std::vector<Record> records;
  for (int i = 0; i < 200; ++i) {
    records.push_back(sample_record("ns", fmt::format("r{}", i), 1));
    records.back().value.append(2000, 'v');
  }
  const PushReply pushed = co_await push(relay, std::move(records));
  CHECK(pushed.statuses.back() == PushStatus::applied);
  server.command({"SAVE"});
  server.kill();
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::down; }));
  server.start();
  CHECK(co_await comes_true([&] { return relay.stats().reason.find("loading") != std::string::npos; }));
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::up; }));
  const PullReply page = co_await relay.pull("ns", pushed.position, 1000);
  CHECK(page.records.size() == 200);
}

TEST_CASE("redis trouble: a server that loads its data (LOADING)") {
  // It loads slowly, and looks up often.
  run_on_both(check_loading, {},
              {"--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024",
               "--rdbcompression", "no"});
}

bool cluster_is_ok(RedisServer& server) {
  return server.command({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
}

asio::awaitable<void> check_cluster(Relay& relay, RedisServer& server, RedisServer* other, int other_bus) {
  co_await expect_refused(relay, "no node of the cluster serves this namespace");
  CHECK(other->command({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}) == "+OK\r\n");
  CHECK(server.command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(other->port()),
                        std::to_string(other_bus)}) == "+OK\r\n");
  CHECK(co_await comes_true([&] { return cluster_is_ok(server) && cluster_is_ok(*other); }));
  co_await expect_refused(relay, "does not hold this namespace");
}

TEST_CASE("redis trouble: a cluster that is down, and one whose other node is meant (CLUSTERDOWN, MOVED)") {
  for (const auto kind : {ServerKind::redis, ServerKind::valkey}) {
    if (!RedisServer::installed(kind)) continue;
    const int buses[] = {free_port(), free_port()};
    const auto options = [&](int bus) {
      ServerOptions out;
      out.kind = kind;
      out.arguments = {"--cluster-enabled",      "yes", "--cluster-port", std::to_string(bus),
                       "--cluster-node-timeout", "1000"};
      return out;
    };
    RedisServer server(options(buses[0])), other(options(buses[1]));
    run(server, {},
        [&](Relay& relay, RedisServer& own) { return check_cluster(relay, own, &other, buses[1]); });
  }
}

}  // namespace
}  // namespace comem::testing
