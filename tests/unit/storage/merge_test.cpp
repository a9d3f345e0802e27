#include "storage/merge.hpp"

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using comem::storage::WriteTransaction;

namespace {

struct Fixture {
  testing::FakeClock clock;
  testing::MemoryStore store{clock};
  boost::asio::io_context loop;

  void write(storage::WriteFunction function) {
    testing::run(loop, store.write(std::move(function), storage::Durability::process));
  }
};

Record draft(const std::string& value) {
  Record record;
  record.key = RecordKey("ns", MemoryType::episodic, "a");
  record.value = value;
  return record;
}

Record remote(std::int64_t ms, const std::string& value) {
  Record record = draft(value);
  record.version = Version{ms, 0, "other"};
  return record;
}

const RecordKey key("ns", MemoryType::episodic, "a");

}  // namespace

TEST_CASE("a local write is newer than what it replaces, even a record from the future") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    const auto future = f.clock.now().time_since_epoch().count() + 7'200'000;
    storage::merge_remote(tx, remote(future, "theirs"), f.clock.now());
    const auto applied = storage::put_local(tx, draft("mine"), tx.get(key));
    CHECK(applied.changed());
    CHECK(applied.version > Version{future, 0, "other"});
    CHECK(tx.get(key)->value == "mine");
    CHECK(tx.unshared("ns") == 1);
  });
}

TEST_CASE("saying the same again changes nothing") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    const auto first = storage::put_local(tx, draft("x"), std::nullopt);
    const auto again = storage::put_local(tx, draft("x"), tx.get(key));
    CHECK_FALSE(again.changed());
    CHECK(again.version == first.version);
  });
}

TEST_CASE("the higher version wins in either order, and counters add up") {
  for (const bool newer_first : {true, false}) {
    Fixture f;
    Record older = remote(10, "older");
    Record newer = remote(20, "newer");
    older.counters.add("s1", Counter::executions, 3);
    newer.counters.add("s2", Counter::executions, 4);
    f.write([&](WriteTransaction& tx) {
      CHECK(storage::merge_remote(tx, newer_first ? newer : older, f.clock.now()).changed);
      CHECK(storage::merge_remote(tx, newer_first ? older : newer, f.clock.now()).changed);
      CHECK(tx.get(key)->value == "newer");
      CHECK(tx.get(key)->counters.total(Counter::executions) == 7);
      CHECK_FALSE(storage::merge_remote(tx, older, f.clock.now()).changed);
      CHECK_FALSE(storage::merge_remote(tx, newer, f.clock.now()).changed);
      // The newer one came without the older one's counts: the relay lacks them.
      CHECK(tx.unshared("ns") == (newer_first ? 0 : 1));
    });
  }
}

TEST_CASE("a tombstone beats an older write and loses against a newer one") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    storage::put_local(tx, draft("x"), std::nullopt);
    const auto removed =
        storage::remove_local(tx, *tx.get(key), "me", f.clock.now(), std::chrono::hours(720));
    CHECK(removed.changed());
    CHECK(tx.get(key)->deleted);
    CHECK(tx.get(key)->value.empty());
    CHECK_FALSE(storage::merge_remote(tx, remote(1, "old"), f.clock.now()).changed);
    CHECK(tx.get(key)->deleted);
    CHECK(storage::merge_remote(tx, remote(removed.version.ms + 1, "new"), f.clock.now()).changed);
    CHECK(tx.get(key)->value == "new");
  });
}

TEST_CASE("how far a clock lags behind what it is about to write") {
  Fixture f;
  const TimePoint now = f.clock.now();
  f.write([&](WriteTransaction& tx) {
    CHECK(storage::clock_lag(tx, std::nullopt, now) == Milliseconds(0));
    const auto ahead = remote((now + std::chrono::hours(2)).time_since_epoch().count(), "theirs");
    CHECK(storage::clock_lag(tx, ahead, now) == std::chrono::hours(2));
    // What was stamped here before the clock was set back counts, whatever the record.
    CHECK(storage::clock_lag(tx, std::nullopt, now) == std::chrono::hours(2));
    CHECK(storage::clock_lag(tx, std::nullopt, now + std::chrono::hours(3)) == Milliseconds(0));
  });
}

TEST_CASE("removing what is not there, or removed, or expired, does nothing") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    Record mortal = draft("x");
    mortal.expires_at = f.clock.now() + Milliseconds(10);
    storage::put_local(tx, mortal, std::nullopt);
    const auto later = f.clock.now() + Milliseconds(10);
    CHECK_FALSE(storage::remove_local(tx, *tx.get(key), "me", later, std::chrono::hours(1)).changed());
    CHECK(storage::remove_local(tx, *tx.get(key), "me", f.clock.now(), std::chrono::hours(1)).changed());
    CHECK_FALSE(
        storage::remove_local(tx, *tx.get(key), "me", f.clock.now(), std::chrono::hours(1)).changed());
  });
}

TEST_CASE("the tombstone of a mortal record need not outlive it by much") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    Record mortal = draft("x");
    mortal.expires_at = f.clock.now() + std::chrono::minutes(5);
    storage::put_local(tx, mortal, std::nullopt);
    storage::remove_local(tx, *tx.get(key), "me", f.clock.now(), std::chrono::hours(720));
    CHECK(tx.get(key)->expires_at == mortal.expires_at + std::chrono::hours(1));
  });
}

TEST_CASE("a record that expired on its way is left out") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    Record late = remote(10, "x");
    late.expires_at = f.clock.now();
    CHECK_FALSE(storage::merge_remote(tx, late, f.clock.now()).changed);
    CHECK_FALSE(tx.get(key));
  });
}

TEST_CASE("counting does not make a new version, so it overwrites nobody's text") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    const auto first = storage::put_local(tx, draft("x"), std::nullopt);
    Record record = *tx.get(key);
    record.counters.add("s1", Counter::executions, 1);
    const auto counted = storage::put_counters(tx, record);
    CHECK(counted.changed());
    CHECK(tx.get(key)->version == first.version);
    CHECK(tx.get(key)->counters.total(Counter::executions) == 1);
  });
}

TEST_CASE("reads counted elsewhere are merged quietly, and executions as a change") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    storage::merge_remote(tx, remote(10, "x"), f.clock.now());
    const auto change = tx.get(key)->change;
    Record reads = remote(10, "x");
    reads.counters.add("s1", Counter::accesses, 2);
    reads.counters.raise("s1", Counter::last_access_ms, 1000);
    CHECK(storage::merge_remote(tx, reads, f.clock.now()).changed);
    CHECK(tx.get(key)->counters == reads.counters);
    CHECK(tx.get(key)->change == change);
    CHECK(tx.last_change() == change);
    CHECK_FALSE(storage::merge_remote(tx, reads, f.clock.now()).changed);
    for (const auto counter : {Counter::executions, Counter::successes, Counter::duration_ms,
                               Counter::validations, Counter::invalidations}) {
      const auto before = tx.last_change();
      Record more = remote(10, "x");
      more.counters = tx.get(key)->counters;
      more.counters.add("s1", Counter::accesses, 1);
      more.counters.add("s1", counter, 1);
      CHECK(storage::merge_remote(tx, more, f.clock.now()).changed);
      CHECK(tx.get(key)->counters == more.counters);
      CHECK(tx.get(key)->change == before + 1);
    }
    CHECK(tx.unshared("ns") == 0);
  });
}

TEST_CASE("a read counted elsewhere is not mistaken for an execution that only this store has seen") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    Record here = remote(10, "x");
    here.counters.add("s1", Counter::executions, 5);
    storage::merge_remote(tx, here, f.clock.now());
    Record there = remote(5, "older");
    there.counters.add("s1", Counter::executions, 4);
    there.counters.add("s2", Counter::accesses, 1);
    CHECK(storage::merge_remote(tx, there, f.clock.now()).changed);
    CHECK(tx.get(key)->counters.total(Counter::executions) == 5);
    CHECK(tx.get(key)->counters.total(Counter::accesses) == 1);
    CHECK(tx.last_change() == 1);
  });
}

TEST_CASE("counts that only this store still knows are shared when a record made anew replaces theirs") {
  Fixture f;
  f.write([&](WriteTransaction& tx) {
    Record counted = remote(10, "x");
    counted.counters.add("s1", Counter::executions, 1);
    CHECK(storage::merge_remote(tx, counted, f.clock.now()).changed);
    CHECK(tx.unshared("ns") == 0);
    // The others forgot the record, dropped the tombstone with its counters, and made it again.
    const auto merged = storage::merge_remote(tx, remote(20, "anew"), f.clock.now());
    CHECK(merged.changed);
    CHECK(merged.queued);
    CHECK(tx.get(key)->counters.total(Counter::executions) == 1);
    CHECK(tx.unshared("ns") == 1);
    tx.acknowledge(key, tx.get(key)->change);
    Record equal = *tx.get(key);
    equal.version.ms = 30;
    CHECK_FALSE(storage::merge_remote(tx, equal, f.clock.now()).queued);
    CHECK(tx.unshared("ns") == 0);
  });
}
