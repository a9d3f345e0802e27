// What every implementation of the store port must do with writes: outbox, positions, purging, stamps,
// failures, closing.

#include <boost/asio/co_spawn.hpp>

#include <comem/error.hpp>

#include <array>
#include <limits>
#include <set>
#include <stdexcept>

#include "tests/contract/store_contract.hpp"
#include "tests/contract/store_kinds.hpp"

namespace comem::testing {

using storage::Durability;
using storage::Position;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

TEST_CASE("the outbox holds what was put to be shared until that very write is acknowledged") {
  each([](Fixture&, Store& store) {
    const auto outbox = [&] {
      return ask(store, [&](ReadTransaction& r) { return r.outbox("n", 0, "", 0, 10); });
    };
    put(store, make_record("quiet"), false);
    const auto first = put(store, make_record("a"), true);
    put(store, make_record("b"), true);
    REQUIRE(ids_of(outbox()) == "a b");
    CHECK(outbox()[0].change == first);
    CHECK(outbox()[0].record.value == "value of a");

    auto newer = make_record("a");
    newer.value = "newer";
    const auto second = put(store, newer, true);
    CHECK(ids_of(outbox()) == "b a");
    CHECK(outbox()[1].record.value == "newer");
    write(store, [&](WriteTransaction& w) { w.acknowledge(newer.key, first); });
    CHECK(ids_of(outbox()) == "b a");

    put(store, newer, false);  // say, pulled from the relay: what waits goes on waiting
    CHECK(outbox()[1].change == second);
    write(store, [&](WriteTransaction& w) { w.acknowledge(newer.key, second); });
    CHECK(ids_of(outbox()) == "b");
    write(store, [&](WriteTransaction& w) {
      w.acknowledge(newer.key, second);
      w.acknowledge(make_record("unknown").key, 99);
      w.acknowledge(make_record("b", MemoryType::episodic, "unknown").key, 99);
    });
    CHECK(ask(store, [](ReadTransaction& r) { return r.unshared("n"); }) == 1);
  });
}

TEST_CASE("the outbox is asked by place and origin") {
  each([](Fixture&, Store& store) {
    const auto change = put(store, make_record("a"), true);
    put(store, make_record("b"), true);
    put(store, make_record("x", MemoryType::episodic, "m"), true);
    read(store, [&](ReadTransaction& r) {
      CHECK(ids_of(r.outbox("n", change, "", 0, 10)) == "b");
      CHECK(ids_of(r.outbox("n", 0, store.process_id(), 0, 10)) == "a b");
      CHECK(r.outbox("n", 0, "another", 0, 10).empty());
      CHECK(ids_of(r.outbox("n", 0, "another", change, 10)) == "a");
      CHECK(ids_of(r.outbox("n", 0, "", 0, 1)) == "a");
      CHECK(ids_of(r.outbox("m", 0, "", 0, 10)) == "x");
      CHECK(r.first_of_others("n", "another") == change);
      CHECK(r.first_of_others("m", "another") == change + 2);
      CHECK(r.first_of_others("n", store.process_id()) == 0);
      CHECK(r.first_of_others("unknown", "another") == 0);
    });
  });
}

TEST_CASE("share_all queues a whole namespace, and a late acknowledgement does not take it out") {
  each([](Fixture&, Store& store) {
    const auto pushed = put(store, make_record("a"), true);
    put(store, make_record("b"), false);
    put(store, tombstone(make_record("c")), false);
    put(store, make_record("x", MemoryType::episodic, "m"), false);
    const auto before = ask(store, [&](ReadTransaction& r) { return store.data_version(r); });
    write(store, [](WriteTransaction& w) {
      w.share_all("n");
      w.share_all("unknown");
    });
    read(store, [&](ReadTransaction& r) {
      const auto rows = r.outbox("n", 0, "", 0, 10);
      CHECK(ids_of(rows) == "a b c");
      CHECK(rows[0].change > before);
      CHECK(rows[0].change < rows[1].change);
      CHECK(rows[1].change < rows[2].change);
      CHECK(rows[2].change == r.last_change());
      CHECK(rows[2].record.deleted);
      CHECK(rows[0].record.change == pushed);
      CHECK(r.unshared("m") == 0);
      CHECK(store.data_version(r) != before);
    });
    write(store, [&](WriteTransaction& w) { w.acknowledge(make_record("a").key, pushed); });
    CHECK(ask(store, [](ReadTransaction& r) { return r.unshared("n"); }) == 3);
    const auto later = put(store, make_record("b"), true);
    CHECK(ask(store, [&](ReadTransaction& r) { return r.outbox("n", 0, "", 0, 10).back().change; }) == later);
  });
}

TEST_CASE("counting is quiet: nothing but the counters changes, and nobody is told") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    const auto change = put(store, make_record("a"));
    put(store, make_record("b"));
    auto counted = make_record("a");
    counted.value = "not to be written";
    counted.version = Version{9, 9, "s9"};
    counted.expires_at = now;
    counted.counters.add("s1", Counter::accesses, 3);
    write(store, [&](WriteTransaction& w) { w.count(counted, false); });
    read(store, [&](ReadTransaction& r) {
      const auto got = r.get(counted.key);
      CHECK(got->counters == counted.counters);
      CHECK(got->value == "value of a");
      CHECK(got->version.empty());
      CHECK(got->expires_at == no_expiry);
      CHECK(got->change == change);
      CHECK(ids_of(r.changes("n", 0, 10)) == "a b");
      CHECK(r.changes("n", 2, 10).empty());
      CHECK(ids_of(r.newest("n", {MemoryType::episodic}, now, 10)) == "b a");
      CHECK(store.data_version(r) == 2);
      CHECK(r.unshared("n") == 0);
    });
  });
}

TEST_CASE("counts are shared under a change number of their own, which only the outbox knows") {
  each([](Fixture&, Store& store) {
    const auto first = put(store, make_record("a"), true);
    put(store, make_record("b"), true);
    auto counted = make_record("a");
    counted.counters.add("s1", Counter::accesses, 3);
    write(store, [&](WriteTransaction& w) {
      w.count(counted, true);
      CHECK(w.get(counted.key)->counters == counted.counters);
    });
    std::uint64_t queued = 0;
    read(store, [&](ReadTransaction& r) {
      const auto rows = r.outbox("n", 0, store.process_id(), 0, 10);
      REQUIRE(ids_of(rows) == "b a");
      queued = rows[1].change;
      CHECK(queued == 3);
      CHECK(rows[1].record.change == first);
      CHECK(rows[1].record.counters == counted.counters);
      CHECK(r.last_change() == queued);
      CHECK(ids_of(r.changes("n", 0, 10)) == "a b");
      CHECK(r.changes("n", 2, 10).empty());
    });
    write(store, [&](WriteTransaction& w) { w.acknowledge(counted.key, first); });
    CHECK(ask(store, [](ReadTransaction& r) { return r.unshared("n"); }) == 2);
    write(store, [&](WriteTransaction& w) { w.count(counted, false); });  // what waits goes on waiting
    CHECK(ask(store, [](ReadTransaction& r) { return r.unshared("n"); }) == 2);
    write(store, [&](WriteTransaction& w) { w.acknowledge(counted.key, queued); });
    CHECK(ask(store, [](ReadTransaction& r) { return r.unshared("n"); }) == 1);
    CHECK(put(store, make_record("c")) == queued + 1);
  });
}

TEST_CASE("counting a record that is not there does nothing, and a count is undone with its function") {
  each([](Fixture&, Store& store) {
    put(store, make_record("a"));
    auto counted = make_record("a");
    counted.counters.add("s1", Counter::executions, 1);
    write(store, [](WriteTransaction& w) {
      w.count(make_record("unknown"), true);
      w.count(make_record("a", MemoryType::episodic, "unknown"), true);
      w.count(make_record("a", MemoryType::skill), true);
    });
    CHECK_THROWS_AS(write(store,
                          [&](WriteTransaction& w) {
                            w.count(counted, true);
                            throw 7;
                          }),
                    int);
    read(store, [&](ReadTransaction& r) {
      CHECK(r.last_change() == 1);
      CHECK(r.unshared("n") == 0);
      CHECK(r.get(counted.key)->counters.empty());
      CHECK_FALSE(r.get(make_record("unknown").key));
    });
    CHECK(put(store, make_record("b")) == 2);
  });
}

TEST_CASE("an outbox page ends with the row that fills it, by number or by bytes") {
  each([](Fixture&, Store& store) {
    write(store, [](WriteTransaction& w) {
      for (const auto* id : {"a", "b", "c"}) {
        auto record = make_record(id);
        record.value.assign(storage::outbox_page_bytes / 2, 'v');
        w.put(record, true);
      }
      auto big = make_record("big");
      big.value.assign(2 * storage::outbox_page_bytes, 'v');
      w.put(big, true);
      w.put(make_record("last"), true);
    });
    read(store, [&](ReadTransaction& r) {
      const auto first = r.outbox("n", 0, "", 0, 10);
      CHECK(ids_of(first) == "a b");
      CHECK(storage::is_cut(first, 10));
      CHECK(ids_of(r.outbox("n", 2, "", 0, 10)) == "c big");
      CHECK(ids_of(r.outbox("n", 3, "", 0, 10)) == "big");
      const auto last = r.outbox("n", 4, "", 0, 10);
      CHECK(ids_of(last) == "last");
      CHECK_FALSE(storage::is_cut(last, 10));
      CHECK(storage::is_cut(last, 1));
      CHECK(r.outbox("n", 0, "", 0, 0).empty());
      CHECK(r.changes("n", 0, 10).size() == 5);
    });
  });
}

TEST_CASE("positions are kept for each namespace") {
  each([](Fixture&, Store& store) {
    const Position far("epoch2", std::numeric_limits<std::uint64_t>::max());
    write(store, [&](WriteTransaction& w) {
      w.set_position("n", Position("epoch1", 5));
      w.set_position("m", Position(odd_bytes, 1));
      w.set_position("n", far);
    });
    read(store, [&](ReadTransaction& r) {
      CHECK(r.position("n") == far);
      CHECK(r.position("m") == Position(odd_bytes, 1));
      CHECK(r.position("o") == Position());
    });
  });
}

TEST_CASE("counts tell live records by type, tombstones and what waits") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    write(store, [&](WriteTransaction& w) {
      w.put(make_record("a"), true);
      w.put(make_record("b"), true);
      w.put(make_record("s", MemoryType::skill), false);
      w.put(tombstone(make_record("dead", MemoryType::skill)), false);
      w.put(make_record("x", MemoryType::session, "m"), true);
      auto expired = make_record("expired");
      expired.expires_at = now;
      w.put(expired, false);
    });
    const auto counts = ask(store, [&](ReadTransaction& r) { return r.counts("n", now); });
    CHECK(counts.live.size() == 2);
    CHECK(counts.live.at(MemoryType::episodic) == 2);
    CHECK(counts.live.at(MemoryType::skill) == 1);
    CHECK(counts.tombstones == 1);
    CHECK(counts.unshared == 2);
  });
}

TEST_CASE("purge drops what expired before a time, first expired first, up to a limit") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    const auto expiring = [&](const std::string& id, int ms, const std::string& ns = "n") {
      auto record = make_record(id, MemoryType::episodic, ns);
      record.expires_at = now + Milliseconds(ms);
      return record;
    };
    write(store, [&](WriteTransaction& w) {
      w.put(expiring("a", -5), true);
      w.put(tombstone(expiring("b", -3)), true);
      w.put(expiring("c", -1, "m"), false);
      w.put(expiring("d", 0), false);
      w.put(make_record("never"), true);
    });
    const auto purge = [&](std::size_t limit) {
      std::size_t dropped = 0;
      write(store, [&](WriteTransaction& w) { dropped = w.purge(now, limit); });
      return dropped;
    };
    CHECK(purge(0) == 0);
    CHECK(purge(1) == 1);
    CHECK(ask(store, [](ReadTransaction& r) { return ids_of(r.changes("n", 0, 10)); }) == "b d never");
    CHECK(purge(no_limit) == 2);
    CHECK(purge(no_limit) == 0);
    read(store, [&](ReadTransaction& r) {
      CHECK(ids_of(r.changes("n", 0, 10)) == "d never");
      CHECK(r.changes("m", 0, 10).empty());
      CHECK(ids_of(r.outbox("n", 0, "", 0, 10)) == "never");
      CHECK(r.counts("n", now).tombstones == 0);
    });
    put(store, expiring("a", 100));
    CHECK(ask(store, [](ReadTransaction& r) { return r.outbox("n", 0, "", 0, 10).size(); }) == 1);
  });
}

TEST_CASE("stamps rise whatever the wall clock does, and beat what was seen") {
  each([](Fixture& fixture, Store& store) {
    std::vector<Version> stamps;
    const auto stamp = [&](const Version& seen = {}) {
      auto& given = stamps.emplace_back();
      write(store, [&](WriteTransaction& w) { given = w.stamp(seen); });
    };
    stamp();
    stamp();
    std::array<Version, 2> two;
    write(store, [&](WriteTransaction& w) {
      for (auto& given : two) given = w.stamp({});
    });
    stamps.insert(stamps.end(), two.begin(), two.end());
    fixture.clock.advance(Milliseconds(-60'000));
    stamp();
    const Version seen{test_start.time_since_epoch().count() + 5'000, 7, "zzz"};
    stamp(seen);
    stamp();
    fixture.clock.set(test_start + Milliseconds(99'000));
    stamp();
    for (std::size_t i = 1; i < stamps.size(); ++i) CHECK(stamps[i - 1] < stamps[i]);
    CHECK(stamps[5] > seen);
    CHECK(stamps.back().ms == (test_start + Milliseconds(99'000)).time_since_epoch().count());
    for (const auto& each_stamp : stamps) CHECK(each_stamp.store == store.store_id());
  });
}

TEST_CASE("a function sees its own writes, and others see them once it is answered") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    write(store, [&](WriteTransaction& w) {
      const auto change = w.put(make_record("a"), true);
      CHECK(w.get(make_record("a").key)->change == change);
      CHECK(w.last_change() == change);
      CHECK(w.unshared("n") == 1);
      CHECK(w.list("n", MemoryType::episodic, "", now, 10).size() == 1);
    });
    CHECK(ask(store, [](ReadTransaction& r) { return r.get(make_record("a").key).has_value(); }));
  });
}

TEST_CASE("a function that throws is undone whole, and its caller gets the exception") {
  each([](Fixture&, Store& store) {
    put(store, make_record("kept"), true);
    Version undone;
    const auto spoil = [&](WriteTransaction& w) {
      auto changed = make_record("kept");
      changed.value = "spoilt";
      w.put(changed, true);
      w.put(make_record("new"), true);
      w.put(make_record("new", MemoryType::skill, "new namespace"), true);
      w.acknowledge(changed.key, 99);
      w.set_position("n", Position("e", 1));
      w.share_all("n");
      undone = w.stamp({});
      throw std::out_of_range("on purpose");
    };
    CHECK_THROWS_WITH_AS(write(store, spoil), "on purpose", std::out_of_range);
    CHECK_THROWS_AS(write(store, [](WriteTransaction&) { throw 7; }), int);
    CHECK_THROWS_AS(read(store, [](ReadTransaction&) { throw 7; }), int);
    read(store, [&](ReadTransaction& r) {
      CHECK(r.get(make_record("kept").key)->value == "value of kept");
      CHECK(r.changes("n", 0, 10).size() == 1);
      CHECK(r.changes("new namespace", 0, 10).empty());
      CHECK(ids_of(r.outbox("n", 0, "", 0, 10)) == "kept");
      CHECK(r.outbox("n", 0, "", 0, 10)[0].change == 1);
      CHECK(r.position("n") == Position());
      CHECK(r.last_change() == 1);
    });
    CHECK(put(store, make_record("next", MemoryType::skill, "new namespace")) == 2);
    CHECK(ask(store, [&](ReadTransaction& r) { return r.changes("new namespace", 0, 10).size(); }) == 1);
    CHECK(ask(store, [&](ReadTransaction& r) { return r.changes("n", 0, 10).size(); }) == 1);
  });
}

TEST_CASE("functions of one group fail alone") {
  each([](Fixture&, Store& store) {
    boost::asio::io_context context;
    constexpr int writers = 60;
    int failed = 0;
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < writers; ++i) {
      auto function = [&numbers, i](WriteTransaction& w) {
        auto record = make_record("r" + std::to_string(i), MemoryType::episodic, "n" + std::to_string(i % 7));
        const auto change = w.put(record, true);
        if (i % 3 == 0) throw std::runtime_error("on purpose");
        numbers.insert(change);
      };
      auto written = store.write(std::move(function), Durability::process);
      boost::asio::co_spawn(context, std::move(written),
                            [&](std::exception_ptr error) { failed += error != nullptr; });
    }
    context.run_for(std::chrono::seconds(60));
    CHECK(context.stopped());
    CHECK(failed == writers / 3);
    CHECK(numbers.size() == writers - writers / 3);
    CHECK(*numbers.rbegin() == numbers.size());
    std::size_t found = 0;
    for (int i = 0; i < 7; ++i)
      found += ask(store,
                   [&](ReadTransaction& r) { return r.changes("n" + std::to_string(i), 0, writers).size(); });
    CHECK(found == numbers.size());
    CHECK(ask(store, [](ReadTransaction& r) { return r.last_change(); }) == numbers.size());
  });
}

TEST_CASE("the data version moves with every put and stands still without") {
  each([](Fixture&, Store& store) {
    const auto version = [&] {
      return ask(store, [&](ReadTransaction& r) { return store.data_version(r); });
    };
    const auto first = version();
    CHECK(version() == first);
    put(store, make_record("a"));
    const auto second = version();
    CHECK(second != first);
    put(store, make_record("a"));
    CHECK(version() != second);
  });
}

TEST_CASE("a closed store says so") {
  each([](Fixture&, Store& store) {
    put(store, make_record("a"));
    store.close();
    store.close();
    const auto code_of = [](auto call) {
      try {
        call();
      } catch (const Error& error) {
        return error.code();
      }
      return std::error_code();
    };
    CHECK(code_of([&] { read(store, [](ReadTransaction&) {}); }) == errc::closed);
    CHECK(code_of([&] { write(store, [](WriteTransaction&) {}); }) == errc::closed);
  });
}

TEST_CASE("a sound store diagnoses itself as sound") {
  each([](Fixture&, Store& store) {
    put(store, make_record("a"));
    boost::asio::io_context context;
    std::vector<Finding> findings;
    boost::asio::co_spawn(context, store.diagnose(),
                          [&](std::exception_ptr error, std::vector<Finding> found) {
                            CHECK_FALSE(error);
                            findings = std::move(found);
                          });
    context.run_for(std::chrono::seconds(60));
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].subject == "database");
    for (const auto& finding : findings) {
      CHECK_FALSE(finding.text.empty());
      CHECK(finding.severity != Finding::Severity::error);
      CHECK((finding.severity == Finding::Severity::ok) == finding.remedy.empty());
    }
  });
}

}  // namespace comem::testing
