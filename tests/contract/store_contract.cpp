// What every implementation of the store port must answer to reads of what was put.

#include "tests/contract/store_contract.hpp"

#include <limits>
#include <set>

#include "tests/contract/store_kinds.hpp"

namespace comem::testing {
namespace {

using storage::Position;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

Record with_lookup(const std::string& id, const std::string& lookup, int age_ms) {
  auto record = make_record(id);
  record.lookup = lookup;
  record.created_at = test_start - Milliseconds(age_ms);
  return record;
}

}  // namespace

TEST_CASE("an empty store answers with nothing") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    read(store, [&](ReadTransaction& r) {
      CHECK_FALSE(r.get(RecordKey("n", MemoryType::skill, "x")));
      CHECK(r.find("n", MemoryType::skill, "x", now, 10).empty());
      CHECK(r.list("n", MemoryType::skill, "", now, 10).empty());
      CHECK(r.newest("n", {MemoryType::skill}, now, 10).empty());
      CHECK(r.changes("n", 0, 10).empty());
      CHECK(r.outbox("n", 0, "", 0, 10).empty());
      CHECK(r.last_change() == 0);
      CHECK(r.unshared("n") == 0);
      CHECK(r.position("n") == Position());
      CHECK(r.counts("n", now).live.empty());
      CHECK(store.data_version(r) == 0);
    });
    CHECK_FALSE(store.store_id().empty());
    CHECK_FALSE(store.process_id().empty());
    CHECK(store.schema_version() >= 1);
  });
}

TEST_CASE("every field of a record comes back as it was put") {
  each([](Fixture&, Store& store) {
    Record record;
    record.key = RecordKey(odd_bytes, MemoryType::skill, odd_bytes + "id");
    record.version = Version{-5, std::numeric_limits<std::uint32_t>::max(), odd_bytes};
    record.expires_at = TimePoint(Milliseconds(std::numeric_limits<std::int64_t>::max()));
    record.created_at = TimePoint(Milliseconds(-1));
    record.writer = odd_bytes;
    record.lookup = odd_bytes;
    record.score = -0.125;
    record.value = std::string(3'000'000, '\xee') + '\0' + odd_bytes;
    record.counters.add("store1", Counter::executions, 7);
    record.counters.raise("store2", Counter::last_access_ms, 1u << 30);
    const auto change = put(store, record);
    const auto got = ask(store, [&](ReadTransaction& r) { return r.get(record.key); });
    REQUIRE(got);
    CHECK(got->key == record.key);
    CHECK(got->version == record.version);
    CHECK(got->expires_at == record.expires_at);
    CHECK(got->created_at == record.created_at);
    CHECK(got->writer == record.writer);
    CHECK(got->lookup == record.lookup);
    CHECK(got->score == record.score);
    CHECK((got->value == record.value));
    CHECK(got->counters == record.counters);
    CHECK_FALSE(got->deleted);
    CHECK(got->change == change);
  });
}

TEST_CASE("empty fields and odd numbers come back too") {
  each([](Fixture&, Store& store) {
    Record record;
    record.key = RecordKey("n", MemoryType::session, "s");
    record.score = std::numeric_limits<double>::quiet_NaN();
    record.deleted = true;
    put(store, record);
    const auto got = ask(store, [&](ReadTransaction& r) { return r.get(record.key); });
    REQUIRE(got);
    CHECK(got->value.empty());
    CHECK(got->version.empty());
    CHECK(got->expires_at == no_expiry);
    CHECK(got->score != got->score);
    CHECK(got->deleted);
    CHECK(got->counters.empty());
  });
}

TEST_CASE("a put replaces the record of its key and of no other key") {
  each([](Fixture&, Store& store) {
    const std::vector<Record> records{make_record("a"),
                                      make_record(std::string("a\0", 2)),
                                      make_record("A"),
                                      make_record("a", MemoryType::semantic),
                                      make_record("a", MemoryType::episodic, "N"),
                                      make_record("a", MemoryType::episodic, std::string("n\0", 2))};
    std::uint64_t expected = 0;
    for (const auto& record : records) CHECK(put(store, record) == ++expected);
    auto changed = records[0];
    changed.value = "new";
    changed.writer = "w2";
    CHECK(put(store, changed) == ++expected);
    read(store, [&](ReadTransaction& r) {
      CHECK(r.get(records[0].key)->value == "new");
      CHECK(r.get(records[0].key)->writer == "w2");
      for (std::size_t i = 1; i < records.size(); ++i)
        CHECK(r.get(records[i].key)->value == records[i].value);
      CHECK(r.last_change() == expected);
    });
  });
}

TEST_CASE("find answers live records of one lookup, last created first") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    write(store, [&](WriteTransaction& w) {
      w.put(with_lookup("old", "s1", 30), false);
      w.put(with_lookup("tie1", "s1", 10), false);
      w.put(with_lookup("tie2", "s1", 10), false);
      w.put(with_lookup("other", "s2", 5), false);
      w.put(with_lookup("prefix", "s1x", 5), false);
      w.put(with_lookup("none", "", 5), false);
      w.put(tombstone(with_lookup("dead", "s1", 1)), false);
      auto expired = with_lookup("expired", "s1", 1);
      expired.expires_at = now;
      w.put(expired, false);
      auto lasting = with_lookup("lasting", "s1", 20);
      lasting.expires_at = now + Milliseconds(1);
      w.put(lasting, false);
    });
    read(store, [&](ReadTransaction& r) {
      CHECK(ids_of(r.find("n", MemoryType::episodic, "s1", now, no_limit)) == "tie2 tie1 lasting old");
      CHECK(ids_of(r.find("n", MemoryType::episodic, "s1", now, 2)) == "tie2 tie1");
      CHECK(r.find("n", MemoryType::episodic, "s1", now, 0).empty());
      CHECK(ids_of(r.find("n", MemoryType::episodic, "", now, 10)) == "none");
      CHECK(r.find("n", MemoryType::skill, "s1", now, 10).empty());
      CHECK(r.find("m", MemoryType::episodic, "s1", now, 10).empty());
    });
    put(store, with_lookup("old", "s2", 30));
    CHECK(ask(store, [&](ReadTransaction& r) {
            return ids_of(r.find("n", MemoryType::episodic, "s2", now, 10));
          }) == "other old");
  });
}

TEST_CASE("list pages through live records in bytewise order of ids") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    std::set<std::string> ids{"a", std::string("a\0", 2), "aa", "B", "\xff", "\x80", "z", "\xc3\xa9"};
    write(store, [&](WriteTransaction& w) {
      for (const auto& id : ids) w.put(make_record(id), false);
      w.put(tombstone(make_record("b-dead")), false);
      w.put(make_record("b-other-type", MemoryType::skill), false);
      auto expired = make_record("b-expired");
      expired.expires_at = now - Milliseconds(1);
      w.put(expired, false);
    });
    std::vector<std::string> paged;
    std::string after;
    for (;;) {
      const auto page =
          ask(store, [&](ReadTransaction& r) { return r.list("n", MemoryType::episodic, after, now, 3); });
      for (const auto& record : page) paged.push_back(record.key.id);
      if (page.size() < 3) break;
      after = page.back().key.id;
    }
    CHECK(paged == std::vector<std::string>(ids.begin(), ids.end()));
    CHECK(ask(store, [&](ReadTransaction& r) {
            return r.list("n", MemoryType::episodic, "", now, no_limit).size();
          }) == ids.size());
  });
}

TEST_CASE("newest answers live records of the types wanted, last changed first") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    write(store, [&](WriteTransaction& w) {
      w.put(make_record("e1"), false);
      w.put(make_record("k1", MemoryType::semantic), false);
      w.put(make_record("w1", MemoryType::working), false);
      w.put(make_record("e2"), false);
      w.put(tombstone(make_record("e3")), false);
      w.put(make_record("other", MemoryType::episodic, "m"), false);
      w.put(make_record("e1"), false);
    });
    read(store, [&](ReadTransaction& r) {
      CHECK(ids_of(r.newest("n", {MemoryType::episodic, MemoryType::semantic}, now, 10)) == "e1 e2 k1");
      CHECK(ids_of(r.newest("n", {MemoryType::working}, now, 10)) == "w1");
      CHECK(ids_of(r.newest("n", {MemoryType::episodic, MemoryType::working}, now, 2)) == "e1 e2");
      CHECK(r.newest("n", {}, now, 10).empty());
    });
  });
}

TEST_CASE("changes tells each record once, tombstones included, at its last change") {
  each([](Fixture&, Store& store) {
    write(store, [](WriteTransaction& w) {
      w.put(make_record("a"), false);
      w.put(make_record("b"), false);
      w.put(make_record("x", MemoryType::episodic, "m"), false);
      w.put(tombstone(make_record("c")), false);
      w.put(make_record("a"), true);
    });
    read(store, [](ReadTransaction& r) {
      const auto all = r.changes("n", 0, 10);
      CHECK(ids_of(all) == "b c a");
      CHECK(all[1].deleted);
      CHECK(all[0].change == 2);
      CHECK(all[2].change == 5);
      CHECK(ids_of(r.changes("n", 2, 10)) == "c a");
      CHECK(ids_of(r.changes("n", 2, 1)) == "c");
      CHECK(r.changes("n", 5, 10).empty());
      CHECK(ids_of(r.changes("m", 0, 10)) == "x");
    });
  });
}

TEST_CASE("expired records can be got but are not listed") {
  each([](Fixture& fixture, Store& store) {
    auto record = make_record("a");
    record.expires_at = fixture.clock.now() + Milliseconds(10);
    put(store, record);
    const auto live_at = [&](TimePoint time) {
      return ask(store, [&](ReadTransaction& r) {
        return r.list("n", MemoryType::episodic, "", time, 10).size() +
               r.newest("n", {MemoryType::episodic}, time, 10).size() + r.counts("n", time).live.size();
      });
    };
    CHECK(live_at(record.expires_at - Milliseconds(1)) == 3);
    CHECK(live_at(record.expires_at) == 0);
    CHECK(ask(store, [&](ReadTransaction& r) { return r.get(record.key).has_value(); }));
    CHECK(ask(store, [&](ReadTransaction& r) { return r.changes("n", 0, 10).size(); }) == 1);
  });
}

}  // namespace comem::testing
