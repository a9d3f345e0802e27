// What every implementation of the store port must tell of what its commits put into the outbox.

#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/contract/store_contract.hpp"
#include "tests/contract/store_kinds.hpp"

namespace comem::testing {

using storage::Queued;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

namespace {

/// Hears what a store tells.
class Ear {
 public:
  explicit Ear(Store& store) : store_(store) {
    store.on_queued([this](std::vector<Queued> queued) {
      const std::lock_guard lock(mutex_);
      std::move(queued.begin(), queued.end(), std::back_inserter(heard_));
    });
  }
  /// What was told since this was asked last.
  std::vector<Queued> heard() {
    write(store_, [](WriteTransaction&) {});  // what came before was told before this is answered
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
  }

 private:
  Store& store_;
  std::mutex mutex_;
  std::vector<Queued> heard_;
};

std::vector<storage::OutboxRow> outbox(Store& store, const std::string& ns) {
  return ask(store, [&](ReadTransaction& r) { return r.outbox(ns, 0, "", 0, 10); });
}

}  // namespace

TEST_CASE("a store tells what was put to be shared, as it stands in the outbox") {
  each([](Fixture&, Store& store) {
    Ear ear(store);
    Record full = make_record("a");
    full.version = Version{5, 6, "store"};
    full.expires_at = test_start + std::chrono::hours(1);
    full.writer = "agent";
    full.lookup = "session";
    full.score = 0.5;
    full.counters.add("store", Counter::executions, 3);
    put(store, make_record("quiet"), false);
    put(store, full, true);
    put(store, make_record("b"), true);
    const auto heard = ear.heard();
    const auto rows = outbox(store, "n");
    REQUIRE(heard.size() == 2);
    REQUIRE(rows.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(heard[i].ns == "n");
      CHECK(heard[i].whole());
      CHECK(heard[i].count() == 1);
      CHECK(heard[i].through == rows[i].change);
      REQUIRE(heard[i].rows.size() == 1);
      CHECK(heard[i].rows[0].change == rows[i].change);
      const Record& told = heard[i].rows[0].record;
      const Record& held = rows[i].record;
      CHECK(told.key == held.key);
      CHECK(told.version == held.version);
      CHECK(told.expires_at == held.expires_at);
      CHECK(told.created_at == held.created_at);
      CHECK(told.writer == held.writer);
      CHECK(told.lookup == held.lookup);
      CHECK(told.score == held.score);
      CHECK(told.value == held.value);
      CHECK(told.counters.encode() == held.counters.encode());
      CHECK(told.deleted == held.deleted);
      CHECK(told.change == rows[i].change);
    }
  });
}

TEST_CASE("a store tells of each namespace by itself") {
  each([](Fixture&, Store& store) {
    Ear ear(store);
    write(store, [](WriteTransaction& w) {
      w.put(make_record("a"), true);
      w.put(make_record("x", MemoryType::episodic, "m"), true);
      w.put(make_record("b"), true);
    });
    const auto heard = ear.heard();
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].ns == "n");
    CHECK(ids_of(heard[0].rows) == "a b");
    CHECK(heard[1].ns == "m");
    CHECK(ids_of(heard[1].rows) == "x");
    const auto last = ask(store, [](ReadTransaction& r) { return r.last_change(); });
    CHECK(heard[0].through == last);
    CHECK(heard[1].through == last);
  });
}

TEST_CASE("a store tells nothing of what was undone") {
  each([](Fixture&, Store& store) {
    Ear ear(store);
    const auto fail = [](WriteTransaction& w) {
      w.put(make_record("a"), true);
      throw std::runtime_error("no");
    };
    CHECK_THROWS(write(store, fail));
    CHECK(ear.heard().empty());
    put(store, make_record("b"), true);
    const auto heard = ear.heard();
    REQUIRE(heard.size() == 1);
    CHECK(ids_of(heard[0].rows) == "b");
  });
}

TEST_CASE("a store says where the outbox holds more than it has told") {
  each([](Fixture&, Store& store) {
    Ear ear(store);
    Record record = make_record("a");
    put(store, record, true);
    ear.heard();

    record.counters.add("store", Counter::accesses, 1);
    write(store, [&](WriteTransaction& w) { w.count(record, true); });
    const auto counted = ear.heard();
    REQUIRE(counted.size() == 1);
    CHECK_FALSE(counted[0].whole());
    CHECK(counted[0].count() == 1);

    write(store, [&](WriteTransaction& w) { w.share(record.key); });
    const auto shared = ear.heard();
    REQUIRE(shared.size() == 1);
    CHECK_FALSE(shared[0].whole());
    CHECK(shared[0].through == outbox(store, "n")[0].change);

    write(store, [&](WriteTransaction& w) { w.share_all("n"); });
    const auto all = ear.heard();
    REQUIRE(all.size() == 1);
    CHECK_FALSE(all[0].whole());
    CHECK(all[0].count() == 0);  // a sweep follows

    write(store, [&](WriteTransaction& w) { w.count(record, false); });
    CHECK(ear.heard().empty());
  });
}

TEST_CASE("a store lists nothing of a large commit") {
  each([](Fixture&, Store& store) {
    Ear ear(store);
    write(store, [](WriteTransaction& w) {
      for (int i = 0; i < 100; ++i) w.put(make_record(std::to_string(i)), true);
    });
    const auto heard = ear.heard();
    REQUIRE(heard.size() == 1);
    CHECK_FALSE(heard[0].whole());
    CHECK(heard[0].rows.empty());
    CHECK(heard[0].count() == 100);
  });
}

}  // namespace comem::testing
