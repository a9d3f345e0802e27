#include "tests/contract/relay_contract.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {

using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

Record sample_record(const std::string& ns, const std::string& id, std::int64_t ms, MemoryType type) {
  Record record;
  record.key = RecordKey(ns, type, id);
  record.version.ms = ms;
  record.version.store = "storea";
  record.created_at = TimePoint(Milliseconds(ms));
  record.expires_at = system_clock().now() + std::chrono::hours(1);
  record.writer = "writer";
  record.score = 0.625;
  record.value = std::string("\0{}", 3) + fmt::format("{}", ms);
  return record;
}

namespace {

std::string fresh_ns() {
  return "ns" + make_random_id();
}

asio::awaitable<PushStatus> push_one(Relay& relay, Record record) {
  const std::string ns = record.key.ns;
  std::vector<Record> records;
  records.push_back(std::move(record));
  const PushReply reply = co_await relay.push(ns, std::move(records));
  REQUIRE(reply.statuses.size() == 1);
  co_return reply.statuses[0];
}

asio::awaitable<std::vector<Record>> pull_all(Relay& relay, std::string ns, std::size_t limit = 100) {
  std::vector<Record> out;
  Position position;
  for (bool more = true; more;) {
    PullReply page = co_await relay.pull(ns, position, limit);
    REQUIRE_MESSAGE(page.answered, page.reason);
    CHECK(page.records.size() <= limit);
    CHECK_FALSE(page.position.epoch.empty());
    if (page.position == position) REQUIRE_FALSE(page.more);
    position = page.position;
    more = page.more;
    for (auto& record : page.records) out.push_back(std::move(record));
  }
  co_return out;
}

void check_same(const Record& a, const Record& b) {
  CHECK(a.key == b.key);
  CHECK(a.version == b.version);
  CHECK(a.deleted == b.deleted);
  CHECK(a.expires_at == b.expires_at);
  CHECK(a.created_at == b.created_at);
  CHECK(a.writer == b.writer);
  CHECK(a.lookup == b.lookup);
  CHECK(a.score == b.score);
  CHECK(a.value == b.value);
  CHECK(a.counters == b.counters);
}

asio::awaitable<void> highest_version_wins(Relay& relay) {
  const auto ns = fresh_ns();
  Record first = sample_record(ns, "a", 1000);
  CHECK(co_await push_one(relay, first) == PushStatus::applied);
  CHECK(co_await push_one(relay, first) == PushStatus::superseded);
  CHECK(co_await push_one(relay, sample_record(ns, "a", 999)) == PushStatus::superseded);
  Record tie = first;
  tie.version.store = "store";  // a prefix is less
  CHECK(co_await push_one(relay, tie) == PushStatus::superseded);
  tie.version.store = "storeb";
  tie.value += "tie";
  CHECK(co_await push_one(relay, tie) == PushStatus::applied);
  Record counted = first;
  counted.version.counter = 10;  // more than 9 by number, not by text
  CHECK(co_await push_one(relay, counted) == PushStatus::applied);
  counted.version.counter = 9;
  CHECK(co_await push_one(relay, counted) == PushStatus::superseded);
  Record later = sample_record(ns, "a", 4503599627370000);
  CHECK(co_await push_one(relay, later) == PushStatus::applied);
  later.version.ms += 1;
  CHECK(co_await push_one(relay, later) == PushStatus::applied);
  const auto all = co_await pull_all(relay, ns);
  REQUIRE(all.size() == 1);
  check_same(all[0], later);
}

asio::awaitable<void> counters_merge_both_ways(Relay& relay) {
  const auto ns = fresh_ns();
  Record held = sample_record(ns, "a", 1000, MemoryType::skill);
  held.lookup = "name";
  held.counters.raise("s1", Counter::executions, 5);
  CHECK(co_await push_one(relay, held) == PushStatus::applied);
  Record older = sample_record(ns, "a", 500, MemoryType::skill);
  older.counters.raise("s1", Counter::executions, 4);
  older.counters.raise("s2", Counter::executions, 9007199254740991);
  CHECK(co_await push_one(relay, older) == PushStatus::applied);
  CHECK(co_await push_one(relay, older) == PushStatus::superseded);
  Record newer = sample_record(ns, "a", 2000, MemoryType::skill);
  newer.lookup = "name";
  newer.counters.raise("s3", Counter::successes, 1);
  // It says that it holds counts which were not pushed, so that they are pulled.
  std::vector<Record> one{newer};
  const PushReply reply = co_await relay.push(ns, std::move(one));
  CHECK(reply.statuses.at(0) == PushStatus::applied);
  CHECK(reply.merged);
  const auto all = co_await pull_all(relay, ns);
  REQUIRE(all.size() == 1);
  CHECK(all[0].version == newer.version);
  CHECK(all[0].counters.encode() == "ss3=1;xs1=5;xs2=9007199254740991");
  std::vector<Record> whole = all;
  whole[0].version.ms = 3000;
  const PushReply again = co_await relay.push(ns, std::move(whole));
  CHECK(again.statuses.at(0) == PushStatus::applied);
  CHECK_FALSE(again.merged);
}

asio::awaitable<void> tombstones_travel(Relay& relay) {
  const auto ns = fresh_ns();
  CHECK(co_await push_one(relay, sample_record(ns, "a", 1000)) == PushStatus::applied);
  Record tombstone = sample_record(ns, "a", 2000);
  tombstone.deleted = true;
  tombstone.value.clear();
  CHECK(co_await push_one(relay, tombstone) == PushStatus::applied);
  CHECK(co_await push_one(relay, sample_record(ns, "a", 1500)) == PushStatus::superseded);
  CHECK(co_await push_one(relay, tombstone) == PushStatus::superseded);
  auto all = co_await pull_all(relay, ns);
  REQUIRE(all.size() == 1);
  check_same(all[0], tombstone);
  CHECK(co_await push_one(relay, sample_record(ns, "a", 3000)) == PushStatus::applied);
  all = co_await pull_all(relay, ns);
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].deleted);
}

asio::awaitable<void> pages_follow_the_order_of_change(Relay& relay) {
  const auto ns = fresh_ns();
  std::vector<Record> records;
  for (int i = 0; i < 25; ++i) records.push_back(sample_record(ns, fmt::format("r{}", i), 1000 + i));
  const PushReply pushed = co_await relay.push(ns, records);
  for (const auto status : pushed.statuses) CHECK(status == PushStatus::applied);
  CHECK(co_await push_one(relay, sample_record(ns, "r3", 5000)) == PushStatus::applied);
  const auto all = co_await pull_all(relay, ns, 7);
  REQUIRE(all.size() == 25);
  CHECK(all[0].key.id == "r0");
  CHECK(all[3].key.id == "r4");
  CHECK(all[24].key.id == "r3");
  const PullReply rest = co_await relay.pull(ns, pushed.position, 100);
  REQUIRE(rest.records.size() == 1);
  CHECK(rest.records[0].key.id == "r3");
  CHECK(rest.position.epoch == pushed.position.epoch);
  const PullReply none = co_await relay.pull(ns, rest.position, 100);
  CHECK(none.records.empty());
  CHECK_FALSE(none.more);
  CHECK(none.position == rest.position);
  const PullReply foreign = co_await relay.pull(ns, Position("another", 1000), 100);
  CHECK(foreign.records.size() == 25);
}

asio::awaitable<void> a_loss_changes_the_epoch(Relay& relay, RelayHouse& house) {
  const auto ns = fresh_ns();
  CHECK(co_await push_one(relay, sample_record(ns, "a", 1000)) == PushStatus::applied);
  CHECK(co_await push_one(relay, sample_record(ns, "b", 1000)) == PushStatus::applied);
  const PullReply before = co_await relay.pull(ns, Position(), 100);
  house.lose_everything();
  const PullReply empty = co_await relay.pull(ns, before.position, 100);
  REQUIRE(empty.answered);
  CHECK(empty.records.empty());
  CHECK(empty.position.epoch != before.position.epoch);
  CHECK(co_await push_one(relay, sample_record(ns, "b", 1000)) == PushStatus::applied);
  const PullReply after = co_await relay.pull(ns, before.position, 100);
  CHECK(after.records.size() == 1);
  CHECK(after.position.epoch == empty.position.epoch);
}

asio::awaitable<void> any_bytes_travel(Relay& relay) {
  const auto base = fresh_ns();
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const std::vector<std::string> names{bytes, std::string(1, '\0'), "{a}:b", "a:b", "a%3Ab",
                                       "}",   "index:all",          "\r\n"};
  const std::string ns = base + "{}:%" + bytes.substr(0, 64);
  for (const auto type : {MemoryType::working, MemoryType::episodic, MemoryType::semantic, MemoryType::skill,
                          MemoryType::session}) {
    for (const auto& name : names) {
      Record record = sample_record(ns, name, 1000, type);
      record.lookup = name;
      record.writer = name;
      record.value += name;
      CHECK(co_await push_one(relay, record) == PushStatus::applied);
    }
  }
  const auto all = co_await pull_all(relay, ns, 9);
  REQUIRE(all.size() == 5 * names.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& name = names[i % names.size()];
    CHECK(all[i].key.ns == ns);
    CHECK(all[i].key.id == name);
    CHECK(all[i].lookup == name);
    CHECK(all[i].writer == name);
    CHECK(all[i].value == sample_record(ns, name, 1000).value + name);
  }
  const auto others = co_await pull_all(relay, base);
  CHECK(others.empty());
}

asio::awaitable<void> hints_reach_watchers(Relay& relay, RelayHouse& house) {
  const auto executor = co_await asio::this_coro::executor;
  const auto watched = fresh_ns(), ignored = fresh_ns();
  RecordingListener listener;
  const auto other = house.make(executor);
  other->watch(watched);
  other->start(listener);
  REQUIRE(co_await comes_true([&] { return other->state() == RelayState::up; }));
  // A subscription takes effect some time after the link is up, and hints may be lost: so push until one is
  // heard.
  for (std::int64_t ms = 1; ms < 2000 && !listener.heard(watched); ++ms) {
    CHECK(co_await push_one(relay, sample_record(ignored, "a", ms)) == PushStatus::applied);
    CHECK(co_await push_one(relay, sample_record(watched, "a", ms)) == PushStatus::applied);
  }
  CHECK(co_await comes_true([&] { return listener.heard(watched); }));
  CHECK_FALSE(listener.heard(ignored));
  const PullReply page = co_await other->pull(watched, Position(), 10);
  CHECK(listener.hints.back().second.epoch == page.position.epoch);
  CHECK(listener.hints.back().second.seq <= page.position.seq);
  co_await other->stop();
}

/// Small changes are told of with their records, just as a pull hands them on.
asio::awaitable<void> hints_carry_small_changes(Relay& relay, RelayHouse& house) {
  const auto ns = fresh_ns();
  auto other = house.make(co_await asio::this_coro::executor);
  RecordingListener listener;
  other->watch(ns);
  other->start(listener);
  std::int64_t ms = 0;
  const auto heard = [&listener](const std::string& id) {
    return std::any_of(listener.carried.begin(), listener.carried.end(),
                       [&id](const Record& record) { return record.key.id == id; });
  };
  for (const SteadyTime end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
       !heard("a") && std::chrono::steady_clock::now() < end;) {  // the subscription takes its time
    CHECK(co_await push_one(relay, sample_record(ns, "a", ++ms)) == PushStatus::applied);
    co_await comes_true([&] { return heard("a"); }, Milliseconds(50));
  }
  Record full = sample_record(ns, "full", 1000, MemoryType::skill);
  full.lookup = "a name";
  full.counters.raise("s", Counter::executions, 7);
  CHECK(co_await push_one(relay, full) == PushStatus::applied);
  CHECK(co_await comes_true([&] { return heard("full"); }));
  const PullReply page = co_await other->pull(ns, Position(), 10);
  const auto same = [&page](const Record& carried) {
    return std::any_of(page.records.begin(), page.records.end(), [&carried](const Record& pulled) {
      return pulled.key == carried.key && digest_hash(pulled) == digest_hash(carried) &&
             pulled.value == carried.value && pulled.counters == carried.counters;
    });
  };
  REQUIRE_FALSE(listener.carried.empty());
  CHECK(same(listener.carried.back()));
  // What is large is only told of.
  Record large = sample_record(ns, "large", 1000);
  large.value.append(100'000, 'x');
  const auto hints = listener.hints.size();
  std::vector<Record> many{large, sample_record(ns, "b", 1), sample_record(ns, "c", 1),
                           sample_record(ns, "d", 1)};
  co_await relay.push(ns, std::move(many));
  CHECK(co_await comes_true([&] { return listener.hints.size() > hints; }));
  CHECK_FALSE(heard("large"));
  co_await other->stop();
}

asio::awaitable<void> what_was_evicted_is_asked_for(Relay& relay, RelayHouse& house) {
  const auto ns = fresh_ns();
  const Record a = sample_record(ns, "a", 1000);
  CHECK(co_await push_one(relay, a) == PushStatus::applied);
  CHECK(co_await push_one(relay, sample_record(ns, "b", 1000)) == PushStatus::applied);
  PullReply page = co_await relay.pull(ns, Position(), 10);
  const Position before = page.position;  // of a store that has come so far
  house.evict(a.key);
  page = co_await relay.pull(ns, Position(), 10);
  CHECK(page.records.size() == 1);
  REQUIRE(page.missing.size() == 1);
  CHECK(page.missing[0] == a.key);
  // Whoever has come further hears of it too, but is not told again and again.
  page = co_await relay.pull(ns, before, 10);
  CHECK(page.position.epoch == before.epoch);
  CHECK(page.records.empty());
  CHECK(page.missing.size() == 1);
  page = co_await relay.pull(ns, page.position, 10);
  CHECK(page.missing.empty());
  // The same version restores it.
  CHECK(co_await push_one(relay, a) == PushStatus::applied);
  CHECK(co_await push_one(relay, a) == PushStatus::superseded);
  page = co_await relay.pull(ns, page.position, 10);
  REQUIRE(page.records.size() == 1);
  check_same(page.records[0], a);
  CHECK(page.missing.empty());
}

asio::awaitable<void> a_stopped_relay_answers_at_once(RelayHouse& house) {
  const auto executor = co_await asio::this_coro::executor;
  const auto ns = fresh_ns();
  RecordingListener listener;
  const auto relay = house.make(executor);
  relay->start(listener);
  co_await relay->stop();
  CHECK(co_await push_one(*relay, sample_record(ns, "a", 1)) == PushStatus::not_sent);
  const PullReply reply = co_await relay->pull(ns, Position(), 10);
  CHECK_FALSE(reply.answered);
  CHECK_FALSE(reply.reason.empty());
}

}  // namespace

asio::awaitable<void> with_started_relay(asio::any_io_executor executor, RelayHouse* house,
                                         std::function<asio::awaitable<void>(Relay&)> check) {
  RecordingListener listener;
  const auto relay = house->make(executor);
  relay->start(listener);
  const bool up = co_await comes_true([&] { return relay->state() == RelayState::up; });
  CHECK_MESSAGE(up, relay->stats().reason);
  if (up) co_await check(*relay);
  co_await relay->stop();
}

void check_relay_contract(RelayHouse& house) {
  std::function<asio::awaitable<void>(Relay&)> check;
  SUBCASE("the highest version wins") {
    check = highest_version_wins;
  }
  SUBCASE("counters merge both ways") {
    check = counters_merge_both_ways;
  }
  SUBCASE("tombstones travel") {
    check = tombstones_travel;
  }
  SUBCASE("pages follow the order of change") {
    check = pages_follow_the_order_of_change;
  }
  SUBCASE("a loss changes the epoch") {
    check = [&house](Relay& relay) { return a_loss_changes_the_epoch(relay, house); };
  }
  SUBCASE("what was evicted is asked for") {
    check = [&house](Relay& relay) { return what_was_evicted_is_asked_for(relay, house); };
  }
  SUBCASE("any bytes travel") {
    check = any_bytes_travel;
  }
  SUBCASE("hints carry small changes") {
    check = [&house](Relay& relay) { return hints_carry_small_changes(relay, house); };
  }
  SUBCASE("hints reach watchers") {
    check = [&house](Relay& relay) { return hints_reach_watchers(relay, house); };
  }
  SUBCASE("a stopped relay answers at once") {
    check = [&house](Relay&) { return a_stopped_relay_answers_at_once(house); };
  }
  run_bounded([&](asio::any_io_executor executor) { return with_started_relay(executor, &house, check); });
}

}  // namespace comem::testing
