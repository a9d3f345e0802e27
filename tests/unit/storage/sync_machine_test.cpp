#include "storage/sync_machine.hpp"

#include <doctest/doctest.h>

#include "storage/takeover.hpp"

using comem::Milliseconds;
using comem::SteadyTime;
using comem::storage::Position;
using comem::storage::SyncMachine;
using comem::storage::SyncStep;
using Kind = comem::storage::SyncStep::Kind;

namespace {

const SteadyTime start{std::chrono::hours(1)};
const Position at5("e1", 5);

/// A machine whose link is up, that has caught up at `at5` and swept an empty outbox.
SyncMachine settled() {
  SyncMachine machine(100, Milliseconds(100));
  machine.link(true, start);
  machine.pull_started();
  machine.pull_ended(true, at5, false, start);
  machine.push_found_nothing(0, true, start);
  return machine;
}

}  // namespace

TEST_CASE("with the link down nothing is done, whatever happens") {
  SyncMachine machine(100, Milliseconds(100));
  machine.written(500, start);
  machine.hint(Position("e1", 9), start);
  CHECK(machine.next(start).kind == Kind::wait);
  CHECK(machine.next(start).until == SteadyTime::max());
}

TEST_CASE("a new link pulls first, then sweeps the outbox from its start") {
  SyncMachine machine(100, Milliseconds(100));
  machine.written(1, start);
  machine.link(true, start);
  CHECK(machine.next(start).kind == Kind::pull);
  machine.pull_started();
  CHECK(machine.next(start).kind == Kind::wait);
  CHECK_FALSE(machine.caught_up());
  machine.pull_ended(true, at5, true, start);
  CHECK(machine.next(start).kind == Kind::pull);  // a further page
  machine.pull_started();
  machine.pull_ended(true, at5, false, start);
  CHECK(machine.caught_up());
  const SyncStep step = machine.next(start);
  CHECK(step.kind == Kind::push);
  CHECK(step.sweep);
  CHECK(step.from_start);
}

TEST_CASE("what this process writes is pushed at once when nothing is under way") {
  SyncMachine machine = settled();
  CHECK(machine.next(start).kind == Kind::wait);
  machine.written(1, start);
  const SyncStep step = machine.next(start);
  CHECK(step.kind == Kind::push);
  CHECK_FALSE(step.sweep);
}

TEST_CASE("a hint ahead is pulled, one behind is not") {
  SyncMachine machine = settled();
  machine.hint(Position("e1", 5), start);
  CHECK(machine.next(start).kind == Kind::wait);
  machine.hint(Position("e1", 6), start);
  CHECK(machine.next(start).kind == Kind::pull);
}

TEST_CASE("a hint of another epoch is pulled") {
  SyncMachine machine = settled();
  machine.hint(Position("e2", 1), start);
  CHECK(machine.next(start).kind == Kind::pull);
}

TEST_CASE("a hint that may be the echo of a push waits for its end, but not long") {
  SyncMachine machine = settled();
  machine.written(1, start);
  machine.push_started(1, 1, false, false, start);
  machine.hint(Position("e1", 6), start);
  CHECK(machine.next(start).kind == Kind::wait);
  CHECK(machine.next(start + Milliseconds(20)).kind == Kind::pull);
  machine.advanced(Position("e1", 6));
  machine.push_ended(true, false, true, false, start);
  CHECK(machine.next(start).kind == Kind::wait);  // it was the echo
}

TEST_CASE("a hint that comes while a page is being taken in is not forgotten") {
  SyncMachine machine = settled();
  machine.hint(Position("e1", 6), start);
  machine.pull_started();
  machine.hint(Position("e1", 7), start);
  machine.pull_ended(true, Position("e1", 6), false, start);
  CHECK(machine.next(start).kind == Kind::pull);
}

TEST_CASE("a hint of a relay that is no more does not make it pull for ever") {
  SyncMachine machine = settled();
  machine.hint(Position("old", 99), start);
  machine.pull_started();
  machine.pull_ended(true, Position("e1", 6), false, start);
  CHECK(machine.next(start).kind == Kind::wait);
}

TEST_CASE("two seconds without news: pull, since hints may have been lost") {
  SyncMachine machine = settled();
  CHECK(machine.next(start + Milliseconds(1999)).kind == Kind::wait);
  CHECK(machine.next(start + Milliseconds(2000)).kind == Kind::pull);
}

TEST_CASE("every two seconds the whole outbox is swept") {
  SyncMachine machine = settled();
  machine.pull_started();
  const SyncStep step = machine.next(start + Milliseconds(2000));
  CHECK(step.kind == Kind::push);
  CHECK(step.sweep);
  CHECK(step.from_start);
}

TEST_CASE("a sweep goes on behind what it has sent, not from the start") {
  SyncMachine machine = settled();
  const SteadyTime later = start + Milliseconds(2000);
  machine.pull_started();
  machine.push_started(500, 500, true, true, later);
  machine.push_ended(true, true, false, true, later);
  const SyncStep step = machine.next(later);
  CHECK(step.kind == Kind::push);
  CHECK(step.sweep);
  CHECK_FALSE(step.from_start);
}

TEST_CASE("sweeps that meet refusals become rarer, up to a bound, with probes in between, and recover") {
  SyncMachine machine = settled();
  SteadyTime now = start + Milliseconds(2000);
  machine.pull_started();
  Milliseconds expected{4000};
  for (int i = 0; i < 6; ++i) {
    const SteadyTime next_sweep = now + expected;
    for (;;) {
      REQUIRE(machine.next(now).kind == Kind::push);
      const bool probe = machine.next(now).probe;
      CHECK(probe == (now > next_sweep - expected && now < next_sweep));
      if (now >= next_sweep) break;
      machine.push_started(1, 1, true, false, now);
      machine.push_ended(true, true, true, true, now);
      CHECK(machine.next(now).until == now + Milliseconds(2000));
      now += Milliseconds(2000);
    }
    expected = std::min(expected * 2, Milliseconds(30000));
  }
  machine.push_started(1, 1, true, false, now);
  machine.push_ended(true, true, true, false, now);
  CHECK(machine.next(now).until == now + Milliseconds(2000));
}

TEST_CASE("a sweep that was under way when the relay changed does not put off the sharing of everything") {
  SyncMachine machine = settled();
  SteadyTime now = start + Milliseconds(2000);
  machine.pull_started();
  machine.push_started(1, 1, true, false, now);
  const auto restarts = machine.restarts();
  const Position anew("another", 0);
  machine.relay_changed(anew, now);
  CHECK(machine.restarts() == restarts + 1);
  machine.push_ended(true, true, true, false, now);
  machine.pull_started();
  machine.pull_ended(true, anew, false, now);
  const SyncStep step = machine.next(now);
  CHECK(step.kind == Kind::push);
  CHECK(step.sweep);
  CHECK(step.from_start);
}

TEST_CASE("a pull that is not answered is tried again, but not at once") {
  SyncMachine machine(100, Milliseconds(100));
  machine.link(true, start);
  machine.pull_started();
  machine.pull_ended(false, {}, false, start);
  CHECK(machine.next(start).kind == Kind::wait);
  CHECK(machine.next(start + Milliseconds(500)).kind == Kind::pull);
}

TEST_CASE("another relay: pull everything, then push everything") {
  SyncMachine machine = settled();
  machine.pull_started();
  machine.relay_changed(Position("e2", 0), start);
  CHECK(machine.position() == Position("e2", 0));
  CHECK(machine.next(start).kind == Kind::pull);
  machine.pull_started();
  machine.pull_ended(true, Position("e2", 3), false, start);
  const SyncStep step = machine.next(start);
  CHECK(step.kind == Kind::push);
  CHECK(step.from_start);
}

TEST_CASE("a push that failed is swept up later") {
  SyncMachine machine = settled();
  machine.written(1, start);
  machine.push_started(1, 1, false, false, start);
  machine.push_ended(false, false, true, false, start);
  CHECK(machine.next(start).kind == Kind::wait);
  machine.pull_started();
  CHECK(machine.next(start + Milliseconds(2000)).kind == Kind::push);
}

TEST_CASE("what is written while the outbox is read is not forgotten") {
  SyncMachine machine = settled();
  machine.written(1, start);
  const auto waited = machine.waiting();
  machine.written(1, start);  // after the snapshot of the read
  machine.push_found_nothing(waited, false, start);
  CHECK(machine.next(start).kind == Kind::push);
}

TEST_CASE("a sweep does not take rows for those that it never saw") {
  SyncMachine machine = settled();
  machine.pull_started();
  machine.written(1,
                  start + Milliseconds(2000));  // after the snapshot of the sweep, which found two old rows
  machine.push_started(2, 0, true, false, start + Milliseconds(2000));
  machine.push_ended(true, true, true, false, start + Milliseconds(2000));
  CHECK(machine.next(start + Milliseconds(2000)).kind == Kind::push);
}

TEST_CASE(
    "where rows are left to another process the outbox is looked at again once it had time to share them") {
  SyncMachine machine(100, Milliseconds(100));
  machine.link(true, start);
  machine.pull_started();
  machine.pull_ended(true, at5, false, start);
  REQUIRE(machine.next(start).sweep);
  machine.leaves_rows(true);
  machine.push_found_nothing(0, true, start);
  CHECK(machine.next(start).until == start + comem::storage::Takeover::patience);
  const SteadyTime again = start + comem::storage::Takeover::patience;
  CHECK(machine.next(again).sweep);
  CHECK(machine.next(again).from_start);
  CHECK_FALSE(machine.next(again).probe);
  machine.push_started(1, 0, true, false, again);
  machine.push_ended(true, true, true, false, again);
  CHECK(machine.next(again).until == again + comem::storage::Takeover::patience);
  machine.leaves_rows(false);
  machine.pull_started();
  machine.push_found_nothing(0, true, again);
  CHECK(machine.next(again).until == again + Milliseconds(2000));
}

TEST_CASE("a hint that brings the next changes is no reason to pull; one that follows nothing is") {
  SyncMachine machine = settled();
  CHECK(machine.follows(Position("e1", 6), 1));
  CHECK(machine.follows(Position("e1", 7), 2));
  CHECK_FALSE(machine.follows(Position("e1", 7), 1));
  CHECK_FALSE(machine.follows(Position("e1", 5), 1));
  CHECK_FALSE(machine.follows(Position("e2", 6), 1));
  machine.hint(Position("e1", 6), start);
  machine.advanced(Position("e1", 6));
  CHECK(machine.next(start).kind == Kind::wait);
  CHECK(machine.next(start + Milliseconds(2000)).kind == Kind::pull);  // the store's position is still 5
  machine.lost();
  CHECK(machine.next(start).kind == Kind::pull);
  CHECK_FALSE(machine.follows(Position("e1", 7), 1));
  machine.pull_started();
  CHECK_FALSE(machine.follows(Position("e1", 7), 1));
  machine.pull_ended(true, Position("e1", 6), false, start);
  CHECK(machine.follows(Position("e1", 7), 1));
  machine.link(false, start);
  CHECK_FALSE(machine.follows(Position("e1", 7), 1));
}

TEST_CASE("of a long outbox two pages are under way, and none after one that was not answered") {
  SyncMachine machine(100, Milliseconds(100));
  machine.link(true, start);
  machine.pull_started();
  machine.pull_ended(true, at5, false, start);
  CHECK(machine.next(start).from_start);
  machine.push_started(500, 0, true, true, start);
  const SyncStep second = machine.next(start);
  CHECK(second.kind == Kind::push);
  CHECK(second.sweep);
  CHECK_FALSE(second.from_start);
  machine.push_started(500, 0, true, true, start);
  CHECK(machine.next(start).kind == Kind::wait);
  machine.push_ended(true, true, false, false, start);
  CHECK(machine.next(start).kind == Kind::push);
  machine.push_started(500, 0, true, true, start);
  machine.push_ended(false, true, false, false, start);
  CHECK(machine.next(start).kind == Kind::wait);  // one is under way still
  machine.push_ended(true, true, false, false, start);
  CHECK(machine.next(start).kind == Kind::wait);
  const SyncStep again = machine.next(start + Milliseconds(2000));
  CHECK((again.kind == Kind::pull || again.from_start));
}

TEST_CASE("the end of an earlier page does not make a sweep go on behind its last one") {
  SyncMachine machine(100, Milliseconds(100));
  machine.link(true, start);
  machine.pull_started();
  machine.pull_ended(true, at5, false, start);
  machine.push_started(500, 0, true, true, start);
  machine.push_started(10, 0, true, false, start);
  machine.push_ended(true, true, false, false, start);
  machine.push_ended(true, true, true, false, start);
  CHECK(machine.next(start).kind == Kind::wait);
}
