// What a relay tells of its records without handing them on, and records asked for by key.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "tests/contract/relay_contract.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {
namespace {

using storage::DigestPage;
using storage::HeadPage;
using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

const TimePoint today = system_clock().now();

std::string fresh_ns() {
  return "ns" + make_random_id();
}

Record tombstone(Record record) {
  record.deleted = true;
  record.value.clear();
  return record;
}

/// Everything in which two implementations of the hash could differ.
std::vector<Record> odd_records(const std::string& ns) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  std::vector<Record> out;
  for (const auto type : {MemoryType::working, MemoryType::episodic, MemoryType::semantic, MemoryType::skill,
                          MemoryType::session}) {
    for (const auto& name : {bytes, std::string(1, '\0'), std::string("a\n1 2"), std::string("a:b"),
                             std::string("%3A{}"), std::string("007"), std::string(256, 'x')}) {
      Record record = sample_record(ns, name, 1000, type);
      record.lookup = name;
      record.writer = name;
      record.value += name;
      out.push_back(record);
    }
    out.push_back(tombstone(sample_record(ns, "gone", 2000, type)));
  }
  Record plain = sample_record(ns, "plain", 1);
  plain.expires_at = no_expiry;
  plain.created_at = TimePoint();
  plain.writer.clear();
  plain.lookup.clear();
  plain.score = -1e-300;
  out.push_back(plain);
  Record large = sample_record(ns, "large", 4503599627370496);
  large.version.counter = 4294967295;
  large.version.store = std::string(64, 'z');
  large.created_at = large.expires_at = TimePoint(Milliseconds(9007199254740991));
  large.value = std::string("\1\0\xff\xfe", 4) + std::string(100'000, '\0');
  out.push_back(large);
  Record counted = sample_record(ns, "counted", 1000, MemoryType::skill);
  counted.lookup = "name";
  for (const char letter : {'x', 's', 'd', 'a', 'l', 'v', 'i'})
    for (const auto* store : {"a", "B9", "zzzzzzzzzzzzzzzz"})
      counted.counters.raise(store, static_cast<Counter>(letter), static_cast<std::uint64_t>(letter) << 46);
  out.push_back(counted);
  return out;
}

asio::awaitable<void> push_all(Relay& relay, std::vector<Record> records) {
  const std::string ns = records.front().key.ns;
  const std::size_t count = records.size();
  const PushReply reply = co_await relay.push(ns, std::move(records));
  CHECK(std::count(reply.statuses.begin(), reply.statuses.end(), PushStatus::applied) ==
        static_cast<std::ptrdiff_t>(count));
}

struct Whole {
  RecordDigest digest;
  Position reached;
  std::uint64_t last = 0;
  std::size_t pages = 0;
};

asio::awaitable<Whole> whole_digest(Relay& relay, std::string ns, Position after = {},
                                    TimePoint now = today) {
  Whole out;
  out.reached = std::move(after);
  for (bool more = true; more; ++out.pages) {
    Position from = out.reached;
    const DigestPage page = co_await relay.digest(ns, std::move(from), now);
    REQUIRE_MESSAGE(page.answered, page.reason);
    out.digest.add(page.digest);
    if (out.pages > 0) CHECK(page.position.epoch == out.reached.epoch);
    CHECK(page.position.seq <= page.last);
    out.reached = page.position;
    out.last = page.last;
    more = page.more;
  }
  co_return out;
}

using Heads = std::map<RecordKey, storage::Head>;

asio::awaitable<Heads> all_heads(Relay& relay, std::string ns, DigestBuckets wanted, TimePoint now = today) {
  Heads out;
  Position after;
  for (bool more = true; more;) {
    Position from = after;
    DigestBuckets buckets = wanted;
    const HeadPage page = co_await relay.heads(ns, std::move(from), now, std::move(buckets));
    REQUIRE_MESSAGE(page.answered, page.reason);
    for (const auto& head : page.heads) CHECK(out.emplace(head.key, head).second);
    if (!after.epoch.empty()) CHECK(page.position.seq > after.seq);
    after = page.position;
    more = page.more;
  }
  co_return out;
}

RecordDigest digest_of(const std::vector<Record>& records) {
  RecordDigest out;
  for (const auto& record : records)
    if (!record.deleted) out.add(record);
  return out;
}

asio::awaitable<void> both_sides_hash_alike(Relay& relay) {
  const auto ns = fresh_ns();
  const auto records = odd_records(ns);
  for (const auto& record : records) {
    // One by one, so that a difference shows which.
    std::vector<Record> one{record};
    const auto before = co_await whole_digest(relay, ns);
    co_await push_all(relay, one);
    const auto found = co_await whole_digest(relay, ns, before.reached);
    CHECK_MESSAGE(found.digest == digest_of(one), name_of(record.key.type) << ":" << record.key.id);
  }
  const auto all = co_await whole_digest(relay, ns);
  CHECK(all.digest == digest_of(records));
  CHECK(all.reached.seq == all.last);
  const auto others = co_await whole_digest(relay, fresh_ns());
  CHECK(others.digest.buckets().empty());
}

asio::awaitable<void> reads_do_not_count(Relay& relay) {
  const auto ns = fresh_ns();
  std::vector<Record> records{sample_record(ns, "a", 1000)};
  co_await push_all(relay, records);
  const auto before = co_await whole_digest(relay, ns);
  records[0].counters.raise("s", Counter::accesses, 5);
  co_await push_all(relay, records);
  const auto read = co_await whole_digest(relay, ns);
  CHECK(read.digest == before.digest);
  records[0].counters.raise("s", Counter::validations, 5);
  co_await push_all(relay, records);
  const auto validated = co_await whole_digest(relay, ns);
  CHECK_FALSE(validated.digest == before.digest);
  CHECK(validated.digest == digest_of(records));
}

std::vector<Record> many_records(const std::string& ns, int count) {
  std::vector<Record> out;
  for (int i = 0; i < count; ++i) {
    const auto type = i % 3 == 0 ? MemoryType::semantic : MemoryType::episodic;
    out.push_back(sample_record(ns, fmt::format("r{}", i), 1000 + i, type));
    if (i % 7 == 0) out.back() = tombstone(out.back());
  }
  return out;
}

asio::awaitable<void> digests_come_in_pages(Relay& relay) {
  const auto ns = fresh_ns();
  auto records = many_records(ns, 1100);
  co_await push_all(relay, records);
  const auto all = co_await whole_digest(relay, ns);
  CHECK(all.digest == digest_of(records));
  CHECK(all.pages > 1);
  CHECK(all.last == 1100);
  // From a place on, and from the beginning where the place is another epoch's.
  records[3].version.ms += 10'000;
  std::vector<Record> changed{records[3]};
  co_await push_all(relay, changed);
  const auto rest = co_await whole_digest(relay, ns, all.reached);
  CHECK(rest.digest == digest_of(changed));
  CHECK(rest.last == 1101);
  const Position elsewhere("another", 1000);
  const auto again = co_await whole_digest(relay, ns, elsewhere);
  CHECK(again.digest == digest_of(records));
}

asio::awaitable<void> the_expired_are_left_out(Relay& relay) {
  const auto ns = fresh_ns();
  auto records = many_records(ns, 4);
  records[2].expires_at = no_expiry;
  records[3].expires_at = today + std::chrono::hours(3);
  co_await push_all(relay, records);
  const std::vector<Record> kept{records[2], records[3]};
  const auto later = co_await whole_digest(relay, ns, {}, today + std::chrono::hours(2));
  CHECK(later.digest == digest_of(kept));
  const auto edge = co_await whole_digest(relay, ns, {}, records[3].expires_at);
  CHECK(edge.digest == digest_of({records[2]}));
  const auto heads = co_await all_heads(relay, ns, {}, today + std::chrono::hours(2));
  CHECK(heads.size() == 2);
}

void check_heads(const Heads& heads, const std::vector<Record>& records, const DigestBuckets& wanted) {
  std::size_t expected = 0;
  for (const auto& record : records) {
    if (!wanted.empty() && !wanted.contains(digest_bucket(record.key))) continue;
    ++expected;
    const auto place = heads.find(record.key);
    REQUIRE(place != heads.end());
    CHECK(place->second.version == record.version);
    CHECK(place->second.hash == digest_hash(record));
  }
  CHECK(heads.size() == expected);
}

asio::awaitable<void> heads_of_wanted_buckets(Relay& relay) {
  const auto ns = fresh_ns();
  auto records = many_records(ns, 700);
  for (const auto& record : odd_records(ns)) records.push_back(record);
  co_await push_all(relay, records);
  const DigestBuckets none;
  const auto all = co_await all_heads(relay, ns, none);
  check_heads(all, records, none);
  DigestBuckets some;
  for (const auto& record : records) {
    const auto bucket = digest_bucket(record.key);
    if (bucket.second % 16 == 3 || bucket.second == 0 || bucket.second == 255) some.insert(bucket);
  }
  some.insert({MemoryType::working, 77});
  const auto found = co_await all_heads(relay, ns, some);
  CHECK(found.size() > 10);
  CHECK(found.size() < 200);
  check_heads(found, records, some);
}

asio::awaitable<void> records_by_key(Relay& relay) {
  const auto ns = fresh_ns();
  auto records = odd_records(ns);
  for (const auto& record : many_records(ns, 600)) records.push_back(record);
  for (int i = 0; i < 6; ++i) {
    records.push_back(sample_record(ns, fmt::format("big{}", i), 1000));
    records.back().value.append(1'000'000, 'v');
  }
  co_await push_all(relay, records);
  std::vector<RecordKey> keys{RecordKey(ns, MemoryType::skill, "missing")};
  std::map<RecordKey, Record> expected;
  for (const auto& record : records) {
    keys.push_back(record.key);
    expected[record.key] = record;
  }
  keys.insert(keys.begin() + 300, RecordKey(ns, MemoryType::working, "missing too"));
  const PullReply reply = co_await relay.fetch(ns, std::move(keys));
  REQUIRE_MESSAGE(reply.answered, reply.reason);
  CHECK(reply.records.size() == records.size());
  for (const auto& record : reply.records) {
    REQUIRE(expected.contains(record.key));
    CHECK(record.version == expected[record.key].version);
    CHECK(digest_hash(record) == digest_hash(expected[record.key]));
    CHECK(record.counters == expected[record.key].counters);
  }
  std::vector<RecordKey> no_keys;
  const PullReply nothing = co_await relay.fetch(ns, std::move(no_keys));
  CHECK(nothing.answered);
  CHECK(nothing.records.empty());
}

asio::awaitable<void> replicas_of_this_epoch(Relay& relay) {
  const auto ns = fresh_ns();
  std::vector<Record> records{sample_record(ns, "a", 1000)};
  const PushReply pushed = co_await relay.push(ns, records);
  const Milliseconds within(50);
  CHECK(co_await relay.replicated(ns, pushed.position.epoch, 0, within));
  CHECK_FALSE(co_await relay.replicated(ns, "another", 0, within));
  CHECK_FALSE(co_await relay.replicated(ns, "", 0, within));
  const auto begun = std::chrono::steady_clock::now();
  CHECK_FALSE(co_await relay.replicated(ns, pushed.position.epoch, 1, within));
  CHECK(std::chrono::steady_clock::now() - begun < within + Milliseconds(500));
}

asio::awaitable<void> nothing_after_the_end(RelayHouse& house) {
  const auto executor = co_await asio::this_coro::executor;
  RecordingListener listener;
  const auto relay = house.make(executor);
  relay->start(listener);
  co_await relay->stop();
  const DigestPage page = co_await relay->digest("ns", {}, today);
  CHECK_FALSE(page.answered);
  CHECK_FALSE(page.reason.empty());
  const HeadPage heads = co_await relay->heads("ns", {}, today, {});
  CHECK_FALSE(heads.answered);
  CHECK_FALSE(heads.reason.empty());
  const PullReply reply = co_await relay->fetch("ns", {});
  CHECK_FALSE(reply.answered);
  CHECK_FALSE(co_await relay->replicated("ns", "epoch", 0, Milliseconds(10)));
}

}  // namespace

void check_relay_digests(RelayHouse& house) {
  std::function<asio::awaitable<void>(Relay&)> check;
  SUBCASE("both sides hash alike") {
    check = both_sides_hash_alike;
  }
  SUBCASE("reads do not count") {
    check = reads_do_not_count;
  }
  SUBCASE("digests come in pages") {
    check = digests_come_in_pages;
  }
  SUBCASE("the expired are left out") {
    check = the_expired_are_left_out;
  }
  SUBCASE("heads of wanted buckets") {
    check = heads_of_wanted_buckets;
  }
  SUBCASE("records by key") {
    check = records_by_key;
  }
  SUBCASE("replicas of this epoch") {
    check = replicas_of_this_epoch;
  }
  SUBCASE("nothing after the end") {
    check = [&house](Relay&) { return nothing_after_the_end(house); };
  }
  run_bounded([&](asio::any_io_executor executor) { return with_started_relay(executor, &house, check); });
}

}  // namespace comem::testing
