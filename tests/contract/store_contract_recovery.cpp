// What every implementation of the store port must do for recovery: single records queued and dropped, the
// time of the last step, answers of operations kept for their repetition, commits brought to disk.

#include <comem/error.hpp>

#include "tests/contract/store_contract.hpp"
#include "tests/contract/store_kinds.hpp"

namespace comem::testing {
namespace {

using storage::Durability;
using storage::Position;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

std::vector<storage::OutboxRow> outbox(Store& store, const std::string& ns = "n") {
  return ask(store, [&](ReadTransaction& r) { return r.outbox(ns, 0, "", 0, 100); });
}

std::uint64_t last_change(Store& store) {
  return ask(store, [](ReadTransaction& r) { return r.last_change(); });
}

std::optional<std::string> operation(Store& store, const std::string& ns, const std::string& id,
                                     TimePoint now) {
  return ask(store, [&](ReadTransaction& r) { return r.operation(ns, id, now); });
}

void note(Store& store, const std::string& ns, const std::string& id, const std::string& answer,
          TimePoint until) {
  write(store, [&](WriteTransaction& w) { w.note_operation(ns, id, answer, until); });
}

}  // namespace

TEST_CASE("a record can be queued alone, under a change number of its own") {
  each([](Fixture&, Store& store) {
    const auto a = make_record("a");
    const auto put_as = put(store, a);
    put(store, make_record("b"));
    write(store, [&](WriteTransaction& w) { w.share(a.key); });
    const auto rows = outbox(store);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].record.key == a.key);
    CHECK(rows[0].record.value == a.value);
    CHECK(rows[0].change == 3);
    CHECK(last_change(store) == 3);
    CHECK(ask(store, [&](ReadTransaction& r) { return r.get(a.key)->change; }) == put_as);
    write(store, [&](WriteTransaction& w) { w.acknowledge(a.key, put_as); });
    CHECK(outbox(store).size() == 1);  // what was under way when it was queued does not take it out
    write(store, [&](WriteTransaction& w) { w.share(a.key); });
    REQUIRE(outbox(store).size() == 1);
    CHECK(outbox(store)[0].change == 4);
    write(store, [&](WriteTransaction& w) { w.acknowledge(a.key, 4); });
    CHECK(outbox(store).empty());
  });
}

TEST_CASE("a missing record cannot be queued, and nothing changes") {
  each([](Fixture&, Store& store) {
    put(store, make_record("a"));
    write(store, [&](WriteTransaction& w) {
      w.share(make_record("b").key);
      w.share(make_record("a", MemoryType::skill).key);
      w.share(make_record("a", MemoryType::episodic, "other").key);
    });
    CHECK(outbox(store).empty());
    CHECK(outbox(store, "other").empty());
    CHECK(last_change(store) == 1);
  });
}

TEST_CASE("a namespace keeps its position and the time of its last step apart") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    const auto in_step_at = [&](const std::string& ns) {
      return ask(store, [&](ReadTransaction& r) { return r.in_step_at(ns); });
    };
    const auto position = [&] { return ask(store, [&](ReadTransaction& r) { return r.position("n"); }); };
    CHECK(in_step_at("n") == TimePoint());
    write(store, [&](WriteTransaction& w) {
      w.set_in_step_at("n", now);
      CHECK(w.in_step_at("n") == now);
    });
    CHECK(in_step_at("n") == now);
    CHECK(position() == Position());
    write(store, [](WriteTransaction& w) { w.set_position("n", Position("epoch", 7)); });
    CHECK(in_step_at("n") == now);
    CHECK(position() == Position("epoch", 7));
    write(store, [&](WriteTransaction& w) { w.set_in_step_at("n", now + Milliseconds(1)); });
    CHECK(in_step_at("n") == now + Milliseconds(1));
    CHECK(position() == Position("epoch", 7));
    write(store, [](WriteTransaction& w) { w.set_position("m", Position("other", 1)); });
    CHECK(in_step_at("m") == TimePoint());
    CHECK(last_change(store) == 0);
  });
}

TEST_CASE("the answer of an operation is kept until it expires") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    const auto later = now + Milliseconds(10);
    CHECK_FALSE(operation(store, "n", "op", now));
    note(store, "n", "op", odd_bytes, later);
    note(store, "n", odd_bytes, "", later);
    note(store, "m", "op", "another", later);
    CHECK(operation(store, "n", "op", now) == odd_bytes);
    CHECK(operation(store, "n", "op", later - Milliseconds(1)) == odd_bytes);
    CHECK_FALSE(operation(store, "n", "op", later));
    CHECK(operation(store, "n", odd_bytes, now) == std::string());
    CHECK(operation(store, "m", "op", now) == "another");
    CHECK_FALSE(operation(store, "n", "o", now));
    note(store, "n", "op", "again", later + Milliseconds(1));
    CHECK(operation(store, "n", "op", later) == "again");
    CHECK(last_change(store) == 0);
  });
}

TEST_CASE("purging drops expired operations, records first, up to the limit") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    for (int i = 0; i < 5; ++i) note(store, "n", "op" + std::to_string(i), "a", now + Milliseconds(i));
    auto expired = make_record("expired");
    expired.expires_at = now - Milliseconds(1);
    put(store, expired);
    const auto purge = [&](TimePoint before, std::size_t limit) {
      std::size_t purged = 0;
      write(store, [&](WriteTransaction& w) { purged = w.purge(before, limit); });
      return purged;
    };
    const auto left = [&] {
      std::string ids;
      for (int i = 0; i < 5; ++i)
        if (operation(store, "n", "op" + std::to_string(i), TimePoint())) ids += std::to_string(i);
      return ids;
    };
    CHECK(purge(now, no_limit) == 1);  // what expires now is not before now
    CHECK(left() == "01234");
    put(store, expired);
    CHECK(purge(now + Milliseconds(1), 1) == 1);
    CHECK(left() == "01234");
    CHECK(purge(now + Milliseconds(3), 2) == 2);
    CHECK(left().size() == 3);
    CHECK(purge(now + Milliseconds(3), no_limit) == 1);
    CHECK(left() == "34");
    CHECK(purge(now + Milliseconds(9), 0) == 0);
    CHECK(purge(now + Milliseconds(9), no_limit) == 2);
    CHECK(left().empty());
  });
}

TEST_CASE("a deletion that waits to be shared outlives its expiry until it is") {
  each([](Fixture& fixture, Store& store) {
    const auto deletion = [&](const std::string& id, Milliseconds life, const std::string& ns) {
      Record record = tombstone(make_record(id, MemoryType::episodic, ns));
      record.version.ms = fixture.clock.now().time_since_epoch().count();
      record.expires_at = fixture.clock.now() + life;
      return record;
    };
    const std::chrono::hours day(24);
    const auto waiting = deletion("waiting", day, "n");
    std::uint64_t change = 0;
    write(store, [&](WriteTransaction& w) {
      w.set_position("n", storage::Position("epoch", 7));
      change = w.put(waiting, true);
      w.put(deletion("shared", day, "n"), false);
      w.put(deletion("of a mortal", std::chrono::hours(1), "n"), true);
      w.put(deletion("alone", day, "never shared"), true);
    });
    const auto later = fixture.clock.now() + 2 * day;
    const auto purge = [&] {
      std::size_t purged = 0;
      write(store, [&](WriteTransaction& w) { purged = w.purge(later, no_limit); });
      return purged;
    };
    CHECK(purge() == 3);
    CHECK(ask(store, [&](ReadTransaction& r) { return r.get(waiting.key).has_value(); }));
    CHECK(ask(store, [](ReadTransaction& r) { return r.unshared("n"); }) == 1);
    write(store, [&](WriteTransaction& w) { w.acknowledge(waiting.key, change); });
    CHECK(purge() == 1);
    CHECK_FALSE(ask(store, [&](ReadTransaction& r) { return r.get(waiting.key).has_value(); }));
  });
}

TEST_CASE("nothing of these stays of a function that throws") {
  each([](Fixture& fixture, Store& store) {
    const auto now = fixture.clock.now();
    const auto kept = make_record("kept");
    put(store, kept, true);
    note(store, "n", "op", "first", now + Milliseconds(9));
    const auto change = last_change(store);
    const auto failing = [&](WriteTransaction& w) {
      w.share(kept.key);
      w.set_in_step_at("n", now);
      w.note_operation("n", "op", "second", now + Milliseconds(9));
      w.note_operation("n", "op2", "new", now + Milliseconds(9));
      throw std::runtime_error("the function changes its mind");
    };
    CHECK_THROWS_AS(write(store, failing), std::runtime_error);
    read(store, [&](ReadTransaction& r) {
      CHECK(r.get(kept.key));
      CHECK(r.in_step_at("n") == TimePoint());
      CHECK(r.operation("n", "op", now) == "first");
      CHECK_FALSE(r.operation("n", "op2", now));
      CHECK(r.last_change() == change);
    });
    REQUIRE(outbox(store).size() == 1);
    CHECK(outbox(store)[0].change == change);
  });
}

TEST_CASE("commits can be brought to disk at any time, whether there is something to bring or not") {
  each([](Fixture&, Store& store) {
    run(store.sync(0));
    const auto change = put(store, make_record("a"));
    run(store.sync(change));
    run(store.sync(change));
    const auto nothing = [](WriteTransaction&) {};
    write(store, nothing, Durability::power);
    run(store.sync(last_change(store)));
    CHECK(last_change(store) == change);  // not a change itself
    store.close();
    CHECK_THROWS_AS(run(store.sync(change)), Error);
  });
}

}  // namespace comem::testing
