// Many records in one script call: each is applied by itself, and what they have in common adds up.

#include <doctest/doctest.h>

#include <fmt/format.h>

#include "adapters/redis/keys.hpp"
#include "adapters/redis/wire.hpp"
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

constexpr auto episodic = MemoryType::episodic;

Record episode(const std::string& id, std::int64_t ms, const std::string& session = {}) {
  Record record = sample_record("ns", id, ms);
  record.lookup = session;
  return record;
}

Record tombstone(const std::string& id, std::int64_t ms) {
  Record record = sample_record("ns", id, ms);
  record.deleted = true;
  record.value.clear();
  record.lookup.clear();
  return record;
}

std::string answer(std::size_t number) {
  return fmt::format(":{}\r\n", number);
}

asio::awaitable<void> check_large_batch(Relay& relay, RedisServer& server) {
  constexpr std::size_t count = 2 * redis::max_applied_records + 50;
  const Keys keys("ns");
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 5 == 4) {
      records.push_back(sample_record("ns", fmt::format("skill{}", i), 1000, MemoryType::skill));
      records.back().lookup = fmt::format("name{}", i);
    } else {
      records.push_back(episode(fmt::format("e{}", i), 1000, i % 2 == 0 ? "s1" : "s2"));
    }
  }
  const PushReply pushed = co_await push(relay, records);
  for (const auto status : pushed.statuses) CHECK(status == PushStatus::applied);
  CHECK(pushed.position.seq == count);
  const std::string log_size = server.command({"ZCARD", keys.log()});
  CHECK(log_size == answer(count));
  CHECK(server.command({"HGET", keys.state(), "members"}) == fmt::format("$3\r\n{}\r\n", count));
  CHECK(server.command({"ZCARD", keys.index(episodic)}) == answer(count * 4 / 5));
  CHECK(server.command({"ZCARD", keys.lookup(episodic, "s1")}) == answer(count * 2 / 5));
  CHECK(server.command({"GET", keys.lookup(MemoryType::skill, "name4")}) == "$6\r\nskill4\r\n");
  const PullReply page = co_await relay.pull("ns", Position(), count);
  REQUIRE(page.records.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(page.records[i].key == records[i].key);  // in the order of the push
    CHECK(page.records[i].value == records[i].value);
  }
  const PushReply again = co_await push(relay, records);
  for (const auto status : again.statuses) CHECK(status == PushStatus::superseded);
  CHECK(again.position.seq == count);
}

TEST_CASE("redis batch: hundreds of records, applied once") {
  run_on_both(check_large_batch);
}

asio::awaitable<void> check_same_record(Relay& relay, RedisServer& server) {
  const Keys keys("ns");
  const std::vector<Record> records{episode("a", 1, "s"), tombstone("a", 2),    episode("a", 3, "t"),
                                    episode("b", 1, "s"), tombstone("b", 2),    episode("c", 2),
                                    episode("c", 1),      episode("d", 1, "s"), episode("d", 1, "s")};
  const PushReply pushed = co_await push(relay, records);
  const auto applied = PushStatus::applied, superseded = PushStatus::superseded;
  const std::vector<PushStatus> wanted{applied, applied,    applied, applied,   applied,
                                       applied, superseded, applied, superseded};
  const bool as_wanted = pushed.statuses == wanted;
  CHECK(as_wanted);
  CHECK(pushed.position.seq == 7);
  CHECK(server.command({"ZCARD", keys.log()}) == answer(4));
  CHECK(server.command({"HGET", keys.state(), "members"}) == "$1\r\n4\r\n");
  CHECK(server.command({"ZCARD", keys.index(episodic)}) == answer(3));  // a, c, d
  CHECK(server.command({"ZSCORE", keys.index(episodic), "b"}) == "$-1\r\n");
  CHECK(server.command({"ZCARD", keys.lookup(episodic, "s")}) == answer(1));  // d
  CHECK(server.command({"ZCARD", keys.lookup(episodic, "t")}) == answer(1));
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  REQUIRE(page.records.size() == 4);
  for (const auto& record : page.records) {
    CHECK(record.deleted == (record.key.id == "b"));
    CHECK(record.version.ms == (record.key.id == "a" ? 3 : record.key.id == "d" ? 1 : 2));
  }
}

TEST_CASE("redis batch: one record several times") {
  run_on_both(check_same_record);
}

/// A session's set lives as long as the longest of its members, in whatever order they come.
asio::awaitable<void> check_session_expiry(Relay& relay, RedisServer& server) {
  const Keys keys("ns");
  const auto now = system_clock().now();
  const auto mortal = [&](const std::string& id, const std::string& session, std::chrono::hours life) {
    Record record = episode(id, 1, session);
    record.expires_at = life.count() > 0 ? now + life : no_expiry;
    return record;
  };
  using std::chrono::hours;
  const std::vector<Record> records{mortal("a", "long", hours(1)), mortal("b", "long", hours(3)),
                                    mortal("c", "long", hours(2)), mortal("d", "ever", hours(1)),
                                    mortal("e", "ever", hours(0)), mortal("f", "ever", hours(2))};
  co_await push(relay, records);
  const auto left = [&](const std::string& session) {
    const auto reply = server.command({"TTL", keys.lookup(episodic, session)});
    return std::stoll(reply.substr(1));
  };
  CHECK(left("long") > 3 * 3600 - 60);
  CHECK(left("long") < 4 * 3600);
  CHECK(left("ever") == -1);
  const std::vector<Record> later{mortal("g", "long", hours(1)), mortal("h", "ever", hours(1))};
  co_await push(relay, later);
  CHECK(left("long") > 3 * 3600 - 60);
  CHECK(left("ever") == -1);
}

TEST_CASE("redis batch: a session is found as long as one of its memories lives") {
  run_on_both(check_session_expiry);
}

}  // namespace
}  // namespace comem::testing
