// Servers that lose data or are replaced: each shows in the epoch, and a pull then begins anew.

#include <boost/asio/co_spawn.hpp>

#include "adapters/redis/redis_relay.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include "adapters/redis/keys.hpp"
#include "tests/contract/relay_contract.hpp"
#include "tests/integration/relay_on_server.hpp"

namespace comem::testing {
namespace {

using redis::Keys;
using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

void follow(RedisServer& replica, const RedisServer& primary) {
  replica.command({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (replica.command({"INFO", "replication"}).find("master_link_status:up") == std::string::npos)
    REQUIRE(std::chrono::steady_clock::now() < deadline);
}

asio::awaitable<void> check_promoted(Relay& relay, RedisServer& server, RedisServer* other) {
  // The other one holds an older state, under the same stored epoch.
  CHECK(co_await push_one(relay, sample_record("ns", "first", 1)) == PushStatus::applied);
  follow(*other, server);
  other->command({"REPLICAOF", "NO", "ONE"});
  CHECK(co_await push_one(relay, sample_record("ns", "mine", 1)) == PushStatus::applied);
  const PullReply before = co_await relay.pull("ns", Position(), 10);
  CHECK(before.position.seq == 2);
  const PullReply same = co_await relay.pull("ns", before.position, 10);
  CHECK(same.position == before.position);
  // Made a replica of it, and promoted again: the same process, the same connection. Then its sequence
  // overtakes.
  follow(server, *other);
  server.command({"REPLICAOF", "NO", "ONE"});
  CHECK(co_await push_one(relay, sample_record("ns", "second", 1)) == PushStatus::applied);
  CHECK(co_await push_one(relay, sample_record("ns", "third", 1)) == PushStatus::applied);
  const PullReply after = co_await relay.pull("ns", before.position, 10);
  REQUIRE_MESSAGE(after.answered, after.reason);
  CHECK(relay.stats().reconnects == 0);
  CHECK(after.position.epoch != before.position.epoch);
  CHECK(after.position.seq == 3);
  CHECK(after.records.size() == 3);
  const PullReply next = co_await relay.pull("ns", after.position, 10);
  CHECK(next.position == after.position);
  std::vector<Record> records{sample_record("ns", "mine", 1)};
  const PushReply pushed = co_await push(relay, std::move(records));
  CHECK(pushed.position.epoch == after.position.epoch);
}

TEST_CASE("redis loss: a server that was demoted and promoted again shows in the epoch") {
  for (const auto kind : {ServerKind::redis, ServerKind::valkey}) {
    if (!RedisServer::installed(kind)) continue;
    ServerOptions server_options;
    server_options.kind = kind;
    server_options.arguments = {"--repl-diskless-sync-delay", "0"};
    RedisServer server(server_options), other(server_options);
    run(server, {}, [&other](Relay& relay, RedisServer& own) { return check_promoted(relay, own, &other); });
  }
}

asio::awaitable<void> check_restart(Relay& relay, RedisServer& server) {
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1)) == PushStatus::applied);
  const PullReply before = co_await relay.pull("ns", Position(), 10);
  server.command({"SAVE"});
  CHECK(co_await push_one(relay, sample_record("ns", "b", 1)) == PushStatus::applied);
  server.kill();
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::down; }));
  CHECK(co_await push_one(relay, sample_record("ns", "c", 1)) == PushStatus::not_sent);
  CHECK_FALSE(relay.stats().reason.empty());
  server.start();
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::up; }));
  CHECK(relay.stats().reconnects == 1);
  // The server serves an older state under its old epoch; it is another process, so all is asked again.
  const PullReply after = co_await relay.pull("ns", before.position, 10);
  CHECK(after.position.epoch != before.position.epoch);
  CHECK(after.records.size() == 1);
}

TEST_CASE("redis loss: a restart from an older snapshot shows in the epoch") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run(server, {}, check_restart);
}

/// What a store does after a loss: it finds another epoch, and pulls everything there is.
asio::awaitable<void> expect_anew(Relay& relay, Position before, std::size_t records) {
  const PullReply after = co_await relay.pull("ns", before, 100);
  CHECK_MESSAGE(after.answered, after.reason);
  CHECK(after.position.epoch != before.epoch);
  CHECK(after.records.size() == records);
  const PullReply rest = co_await relay.pull("ns", after.position, 100);
  CHECK(rest.position == after.position);
  CHECK(rest.records.empty());
}

asio::awaitable<Position> fill(Relay& relay, int from, int to) {
  std::vector<Record> records;
  for (int i = from; i < to; ++i) records.push_back(sample_record("ns", fmt::format("r{}", i), 1));
  const PushReply pushed = co_await push(relay, std::move(records));
  for (const auto status : pushed.statuses) CHECK(status == PushStatus::applied);
  const PullReply page = co_await relay.pull("ns", pushed.position, 100);
  CHECK(page.position == pushed.position);
  co_return page.position;
}

asio::awaitable<void> check_flushed(Relay& relay, RedisServer& server) {
  const Position before = co_await fill(relay, 0, 5);
  server.command({"FLUSHALL"});
  co_await expect_anew(relay, before, 0);
  const Position empty = co_await fill(relay, 0, 3);
  // Flushed and filled beyond the old sequence before anybody looked.
  server.command({"FLUSHALL"});
  std::vector<Record> records;
  for (int i = 0; i < 9; ++i) records.push_back(sample_record("ns", fmt::format("n{}", i), 1));
  const PushReply pushed = co_await push(relay, std::move(records));
  CHECK(pushed.position.epoch != empty.epoch);
  co_await expect_anew(relay, empty, 9);
}

TEST_CASE("redis loss: FLUSHALL between two pulls") {
  run_on_both(check_flushed);
}

asio::awaitable<void> restart(Relay& relay, RedisServer& server) {
  server.kill();
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::down; }));
  server.start();
}

asio::awaitable<void> come_back(Relay& relay) {
  CHECK(co_await comes_true([&] { return relay.state() == RelayState::up; }));
}

asio::awaitable<void> check_empty(Relay& relay, RedisServer& server) {
  const Position before = co_await fill(relay, 0, 5);
  co_await restart(relay, server);
  co_await come_back(relay);
  co_await expect_anew(relay, before, 0);
  co_await fill(relay, 0, 7);
  co_await expect_anew(relay, before, 7);
}

TEST_CASE("redis loss: a restart that comes back empty, and is filled beyond the old sequence") {
  run_on_both(check_empty);
}

asio::awaitable<void> check_overtaken(Relay& relay, RedisServer& server) {
  co_await fill(relay, 0, 3);
  server.command({"SAVE"});
  const Position before = co_await fill(relay, 3, 5);
  CHECK(before.seq == 5);
  co_await restart(relay, server);
  co_await come_back(relay);
  // The same stored epoch, and soon the same sequence and beyond, for other records.
  CHECK(server.command({"HGET", Keys("ns").state(), "seq"}) == "$1\r\n3\r\n");
  const Position after = co_await fill(relay, 5, 9);
  CHECK(after.seq == 7);
  co_await expect_anew(relay, before, 7);
}

TEST_CASE("redis loss: an older snapshot whose sequence then overtakes") {
  run_on_both(check_overtaken);
}

/// Each time a server and a replica to be.
void run_with_replica(std::function<asio::awaitable<void>(Relay&, RedisServer&, RedisServer*)> check) {
  for (const auto kind : {ServerKind::redis, ServerKind::valkey}) {
    if (!RedisServer::installed(kind)) continue;
    ServerOptions server_options;
    server_options.kind = kind;
    server_options.arguments = {"--repl-diskless-sync-delay", "0"};
    RedisServer server(server_options), replica(server_options);
    run(server, {}, [&](Relay& relay, RedisServer& own) { return check(relay, own, &replica); });
  }
}

/// With its first replica a server begins a new history, which a pull finds out.
asio::awaitable<void> gain_replica(Relay& relay, RedisServer& server, RedisServer* replica) {
  follow(*replica, server);
  const PullReply page = co_await relay.pull("ns", Position(), 1);
  CHECK(page.answered);
}

asio::awaitable<void> check_replaced(Relay& relay, RedisServer& server, RedisServer* replica) {
  co_await fill(relay, 0, 3);
  co_await gain_replica(relay, server, replica);
  replica->command({"REPLICAOF", "NO", "ONE"});
  const Position before = co_await fill(relay, 3, 5);
  co_await restart(relay, server);
  follow(server, *replica);  // the address leads to what the replica had
  server.command({"REPLICAOF", "NO", "ONE"});
  co_await come_back(relay);
  co_await expect_anew(relay, before, 3);
  co_await fill(relay, 5, 9);
  co_await expect_anew(relay, before, 7);
}

TEST_CASE("redis loss: a replica that lagged takes over") {
  run_with_replica(check_replaced);
}

asio::awaitable<void> check_hanging(Relay& relay, RedisServer& server, RedisServer* replica,
                                    std::string epoch) {
  replica->pause();
  co_await fill(relay, 5, 6);
  struct {
    bool held = true, ended = false;
  } call;
  const auto executor = co_await asio::this_coro::executor;
  auto task = relay.replicated("ns", epoch, 1, Milliseconds(300));
  asio::co_spawn(executor, std::move(task), [&](const std::exception_ptr&, bool answer) {
    call.held = answer;
    call.ended = true;
  });
  int pulls = 0;
  for (; !call.ended; ++pulls) {
    const PullReply page = co_await relay.pull("ns", Position(), 10);
    REQUIRE_MESSAGE(page.answered, page.reason);
  }
  CHECK_FALSE(call.held);
  CHECK(pulls > 5);  // others are served meanwhile
  replica->resume();
  CHECK(co_await relay.replicated("ns", epoch, 1, Milliseconds(5000)));
  CHECK(server.command({"HGET", Keys("ns").state(), "seq"}) == "$1\r\n6\r\n");
}

asio::awaitable<void> check_replicas(Relay& relay, RedisServer& server, RedisServer* replica) {
  const Position alone = co_await fill(relay, 0, 3);
  CHECK_FALSE(co_await relay.replicated("ns", alone.epoch, 1, Milliseconds(50)));
  co_await gain_replica(relay, server, replica);
  const Position followed = co_await fill(relay, 3, 5);
  CHECK(co_await relay.replicated("ns", followed.epoch, 1, Milliseconds(5000)));
  CHECK(replica->command({"HGET", Keys("ns").state(), "seq"}) == "$1\r\n5\r\n");
  CHECK_FALSE(co_await relay.replicated("ns", followed.epoch, 2, Milliseconds(50)));
  CHECK_FALSE(co_await relay.replicated("ns", followed.epoch, 2, Milliseconds(1)));
  CHECK(relay.stats().reconnects == 0);  // the connection is everybody's
  CHECK_FALSE(co_await relay.replicated("other", followed.epoch, 1, Milliseconds(50)));
  co_await check_hanging(relay, server, replica, followed.epoch);
  // Lost and begun anew: nobody holds what was accepted before.
  server.command({"FLUSHALL"});
  CHECK_FALSE(co_await relay.replicated("ns", followed.epoch, 1, Milliseconds(50)));
  CHECK_FALSE(co_await relay.replicated("ns", followed.epoch, 0, Milliseconds(50)));
  const Position anew = co_await fill(relay, 0, 2);
  CHECK_FALSE(co_await relay.replicated("ns", followed.epoch, 0, Milliseconds(50)));
  CHECK(co_await relay.replicated("ns", anew.epoch, 1, Milliseconds(5000)));
}

TEST_CASE("redis loss: what replicas hold") {
  run_with_replica(check_replicas);
}

}  // namespace
}  // namespace comem::testing
