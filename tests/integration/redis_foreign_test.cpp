// What foreign hands have put under our keys, or taken away: it is left alone, passed over, or mended.

#include "adapters/redis/redis_relay.hpp"

#include <doctest/doctest.h>

#include <set>

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

asio::awaitable<void> check_foreign(Relay& relay, RedisServer& server) {
  const Keys keys("ns");
  const auto episodic = MemoryType::episodic;
  server.command({"RPUSH", keys.value(episodic, "list", ""), "x"});
  server.command({"RPUSH", keys.lookup(MemoryType::skill, "listed"), "x"});
  server.command({"SET", keys.lookup(episodic, "s"), "x"});
  Record by_session = sample_record("ns", "by_session", 1000);
  by_session.lookup = "s";
  Record listed = sample_record("ns", "listed", 1000, MemoryType::skill);
  listed.lookup = "listed";
  std::vector<Record> records{sample_record("ns", "good1", 1000), sample_record("ns", "list", 1000), listed,
                              by_session, sample_record("ns", "good2", 1000)};
  const PushReply reply = co_await push(relay, records);
  const std::vector<PushStatus> wanted{PushStatus::applied, PushStatus::refused, PushStatus::refused,
                                       PushStatus::refused, PushStatus::applied};
  const bool as_wanted = reply.statuses == wanted;
  CHECK(as_wanted);
  CHECK_MESSAGE(reply.reason.find("foreign value") != std::string::npos, reply.reason);
  CHECK(server.command({"LLEN", keys.value(episodic, "list", "")}) == ":1\r\n");
  CHECK(server.command({"ZCARD", keys.log()}) == ":2\r\n");

  // Members and values of others in the log are skipped, counted, and passed.
  server.command({"ZADD", keys.log(), "100", "nonsense", "101", "episodic:", "102", "episodic:list", "103",
                  "episodic:text", "104", "episodic:ghost", "105", "martian:x"});
  server.command({"HSET", keys.metas(), "episodic:text", "x", "episodic:odd", "1 0 0 0 0 nan 1 0 0  s",
                  "episodic:huge", "1 0 0 0 0 0 1 0 0  s"});
  server.command({"SET", keys.value(episodic, "odd", ""), "v"});
  server.command({"SETRANGE", keys.value(episodic, "huge", ""), "9000000", "v"});
  server.command({"ZADD", keys.log(), "106", "episodic:odd", "107", "episodic:huge"});
  server.command({"HSET", keys.state(), "seq", "107"});
  PullReply page = co_await relay.pull("ns", Position(), 100);
  REQUIRE_MESSAGE(page.answered, page.reason);
  CHECK(page.records.size() == 2);
  CHECK(page.skipped == 6);
  CHECK(page.missing.size() == 2);  // list and ghost, which have no meta
  CHECK_FALSE(page.more);
  CHECK(page.position.seq == 107);
  CHECK(relay.stats().skipped == 6);
  std::size_t pages = 1, skipped = 0;
  page = co_await relay.pull("ns", Position(), 1);
  for (skipped = page.skipped; page.more; ++pages) {
    page = co_await relay.pull("ns", page.position, 1);
    skipped += page.skipped;
  }
  CHECK(pages == 10);
  CHECK(skipped == 6);
}

TEST_CASE("redis foreign: foreign values are left alone and concern nobody else") {
  run_on_both(check_foreign);
}

asio::awaitable<void> check_foreign_state(Relay& relay, RedisServer& server) {
  const Keys keys("ns"), other("other");
  server.command({"SET", keys.log(), "x"});
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1)) == PushStatus::refused);
  const PullReply refused = co_await relay.pull("ns", Position(), 10);
  CHECK_FALSE(refused.answered);
  CHECK(refused.reason.find("foreign value") != std::string::npos);
  CHECK(co_await push_one(relay, sample_record("other", "a", 1)) == PushStatus::applied);
  // A sequence that is no number: a new epoch, with numbers after those of the log.
  const PullReply before = co_await relay.pull("other", Position(), 10);
  server.command({"HSET", other.state(), "seq", "banana"});
  CHECK(co_await push_one(relay, sample_record("other", "b", 1)) == PushStatus::applied);
  const PullReply after = co_await relay.pull("other", before.position, 10);
  CHECK(after.position.epoch != before.position.epoch);
  CHECK(after.position.seq == 2);
  CHECK(after.records.size() == 2);
}

/// Whatever is done to the metadata, a digest covers exactly what a pull hands on.
asio::awaitable<void> check_damaged(Relay& relay, RedisServer& server) {
  const auto good = [](const std::string& shares) { return "1000 0 0 0 1000 0.5 1 0 0 " + shares + " s"; };
  const std::vector<std::string> damage{"",
                                        "x",
                                        "x 0 0 0 1000 0.5 1 0 0  s",
                                        "-1 0 0 0 1000 0.5 1 0 0  s",
                                        "007 0 0 0 1000 0.5 1 0 0  s",
                                        "00000000000000007 0 0 0 1000 0.5 1 0 0  s",
                                        " 5 0 0 0 1000 0.5 1 0 0  s",
                                        "0x10 0 0 0 1000 0.5 1 0 0  s",
                                        "4503599627370497 0 0 0 1000 0.5 1 0 0  s",
                                        "1000 4294967295 0 0 1000 0.5 1 0 0  s",
                                        "1000 4294967296 0 0 1000 0.5 1 0 0  s",
                                        "1000 1.5 0 0 1000 0.5 1 0 0  s",
                                        "1000 0 0 0 1000 0.5 0 0 0  ",
                                        "1000 0 0 0 1000 0.5 65 0 0  " + std::string(65, 's'),
                                        "1000 0 2 0 1000 0.5 1 0 0  s",
                                        "1000 0 1 0 1000 0.5 1 0 0  s",
                                        "1000 0 01 0 1000 0.5 1 0 0  s",
                                        "1000 0 0 9007199254740992 1000 0.5 1 0 0  s",
                                        "1000 0 0 9007199254740991 1000 0.5 1 0 0  s",
                                        "1000 0 0 0 nan 0.5 1 0 0  s",
                                        "1000 0 0 0 1000 0.5 1 257 0  s" + std::string(257, 'w'),
                                        "1000 0 0 0 1000 0.5 1 0 256  s" + std::string(256, 'l'),
                                        "1000 0 0 0 1000 nan 1 0 0  s",
                                        "1000 0 0 0 1000 1e5 1 0 0  s",
                                        "1000 0 0 0 1000 0x10 1 0 0  s",
                                        "1000 0 0 0 1000  1 0 0  s",
                                        "1000 0 0 0 1000 -.5 1 0 0  s",
                                        "1000 0 0 0 1000 0.5 1 0 1  s",
                                        "1000 0 0 0 1000 0.5 1 0 0  st",
                                        "1000 0 0 0 1000 0.5 1 0 0",
                                        "1000 0 0 0 1000 0.5 1 0 0  s\n",
                                        "1000\t0 0 0 1000 0.5 1 0 0  s",
                                        good("xabc=7"),
                                        good("xabc=0"),
                                        good("xabc=7;xabc=9;sdef=1"),
                                        good("zabc=7"),
                                        good("x=7"),
                                        good("xabc=7;"),
                                        good(";xabc=7"),
                                        good("xabc=7,sabc=7"),
                                        good("xabc=7=sabc=7"),
                                        good("xabc=inf"),
                                        good("xabc=00000000000000007"),
                                        good("x" + std::string(65, 'a') + "=7"),
                                        good("aabc=9007199254740991")};
  const Keys keys("ns");
  std::vector<Record> records;
  for (std::size_t i = 0; i < damage.size(); ++i)
    records.push_back(sample_record("ns", fmt::format("d{}", i), 1000));
  const PushReply pushed = co_await push(relay, records);
  CHECK(pushed.statuses.back() == PushStatus::applied);
  for (std::size_t i = 0; i < damage.size(); ++i)
    server.command({"HSET", keys.metas(), fmt::format("episodic:d{}", i), damage[i]});
  const PullReply page = co_await relay.pull("ns", Position(), 100);
  CHECK(page.records.size() > 5);
  CHECK(page.skipped > 15);
  RecordDigest expected;
  std::set<std::string> ids;
  for (const auto& record : page.records) {
    ids.insert(record.key.id);
    if (record.live(system_clock().now())) expected.add(record);
  }
  DigestBuckets all;
  const storage::HeadPage heads = co_await relay.heads("ns", Position(), system_clock().now(), all);
  for (const auto& head : heads.heads) CHECK_MESSAGE(ids.contains(head.key.id), head.key.id);
  const storage::DigestPage digest = co_await relay.digest("ns", Position(), system_clock().now());
  CHECK(digest.digest == expected);
  // To push the same again mends all that could not be read.
  const PushReply again = co_await push(relay, records);
  for (std::size_t i = 0; i < damage.size(); ++i)
    if (!ids.contains(records[i].key.id)) CHECK_MESSAGE(again.statuses[i] == PushStatus::applied, damage[i]);
  const PullReply mended = co_await relay.pull("ns", Position(), 100);
  CHECK(mended.records.size() == damage.size());
}

TEST_CASE(
    "redis foreign: damaged records are in digests exactly where they are in pulls, and mended by a push") {
  run_on_both(check_damaged);
}

TEST_CASE("redis foreign: foreign values in place of log and state") {
  run_on_both(check_foreign_state);
}

asio::awaitable<void> check_evicted(Relay& relay, RedisServer& server) {
  const Keys keys("ns");
  const Record a = sample_record("ns", "a", 1000), b = sample_record("ns", "b", 1000);
  CHECK(co_await push_one(relay, a) == PushStatus::applied);
  CHECK(co_await push_one(relay, b) == PushStatus::applied);
  server.command({"DEL", keys.value(MemoryType::episodic, "a", "")});
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK(page.records.size() == 1);
  CHECK(page.missing.size() == 1);
  CHECK(co_await push_one(relay, a) == PushStatus::applied);  // restored
  CHECK(server.command({"EXISTS", keys.prefix() + "wanted"}) == ":0\r\n");
  const PullReply next = co_await relay.pull("ns", page.position, 10);
  REQUIRE(next.records.size() == 1);
  CHECK(next.records[0].key.id == "a");
  server.command({"DEL", keys.log()});
  CHECK(co_await push_one(relay, b) == PushStatus::applied);
  CHECK(co_await push_one(relay, b) == PushStatus::superseded);
  // A log that is shorter than it was has lost changes: everything begins anew.
  const PullReply anew = co_await relay.pull("ns", next.position, 10);
  CHECK(anew.position.epoch != next.position.epoch);
  CHECK(anew.records.size() == 1);
  const PullReply settled = co_await relay.pull("ns", anew.position, 10);
  CHECK(settled.position == anew.position);
}

TEST_CASE("redis foreign: what was evicted is asked for, and restored by the same version") {
  run_on_both(check_evicted);
}

asio::awaitable<void> check_poisoned(Relay& relay, RedisServer& server) {
  const Keys keys("ns");
  CHECK(co_await push_one(relay, sample_record("ns", "a", 1000)) == PushStatus::applied);
  for (const auto* ms :
       {"4503599627370497", "9007199254740992", "99999999999999999999", "nan", "inf", "1e300"}) {
    server.command({"HSET", keys.metas(), "episodic:a", fmt::format("{} 0 0 0 0 0 1 0 0  s", ms)});
    const PullReply poisoned = co_await relay.pull("ns", Position(), 10);
    CHECK_MESSAGE(poisoned.skipped == 1, ms);
    CHECK(poisoned.records.empty());
    // What nobody reads does not stand in the way of what they write.
    CHECK(co_await push_one(relay, sample_record("ns", "a", 1000)) == PushStatus::applied);
    const PullReply mended = co_await relay.pull("ns", Position(), 10);
    CHECK(mended.records.size() == 1);
  }
}

TEST_CASE("redis foreign: a version beyond the exact numbers is not believed and not in the way") {
  run_on_both(check_poisoned);
}

}  // namespace
}  // namespace comem::testing
