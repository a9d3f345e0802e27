#include "storage/health.hpp"

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include "storage/health_board.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using storage::HealthMachine;

namespace {

TimePoint at(int ms) {
  return TimePoint(Milliseconds(ms));
}

boost::asio::awaitable<void> follow(storage::HealthBoard& board) {
  HealthWatch watch(board.watch());
  board.link(RelayState::down, "connection refused");
  board.link(RelayState::down, "connection refused");
  const auto first = co_await watch.next();
  REQUIRE(first.has_value());
  CHECK(first->state == RelayState::off);
  const auto second = co_await watch.next();
  REQUIRE(second.has_value());
  CHECK(second->state == RelayState::down);
  CHECK(second->reason == "connection refused");
  board.close();
  const auto end = co_await watch.next();
  CHECK_FALSE(end.has_value());
  HealthWatch late(board.watch());
  const auto nothing = co_await late.next();
  CHECK_FALSE(nothing.has_value());
}

}  // namespace

TEST_CASE("a link that comes up is catching up until every namespace has") {
  HealthMachine machine;
  CHECK(machine.link(RelayState::connecting, "", at(1)));
  machine.caught_up("a", false, at(1));
  machine.caught_up("b", false, at(1));
  CHECK(machine.now().state == RelayState::connecting);
  CHECK(machine.link(RelayState::up, "", at(2)));
  CHECK(machine.now().state == RelayState::catching_up);
  CHECK_FALSE(machine.caught_up("a", true, at(3)));
  CHECK(machine.caught_up("b", true, at(4)));
  CHECK(machine.now().state == RelayState::up);
  CHECK(machine.now().since == at(4));
}

TEST_CASE("a silent server is suspect, and a dead one down with its reason") {
  HealthMachine machine;
  machine.link(RelayState::up, "", at(1));
  CHECK(machine.link(RelayState::suspect, "no answer for 300 ms", at(2)));
  CHECK(machine.now().state == RelayState::suspect);
  CHECK(machine.link(RelayState::up, "", at(3)));
  CHECK(machine.now().reason.empty());
  CHECK(machine.link(RelayState::down, "timed out", at(4)));
  CHECK(machine.now().reason == "timed out");
  CHECK_FALSE(machine.link(RelayState::down, "timed out", at(5)));
  CHECK(machine.now().since == at(4));
  CHECK(machine.link(RelayState::down, "connection refused", at(6)));  // another reason, the same state
  CHECK(machine.now().since == at(4));
}

TEST_CASE("what Redis refuses is the reason while the link is up") {
  HealthMachine machine;
  machine.link(RelayState::up, "", at(1));
  CHECK(machine.trouble("a", "out of memory", at(2)));
  CHECK(machine.now().state == RelayState::up);
  CHECK(machine.now().reason == "out of memory");
  machine.link(RelayState::down, "timed out", at(3));
  CHECK(machine.now().reason == "timed out");
  machine.link(RelayState::up, "", at(4));
  CHECK(machine.trouble("a", "", at(5)));
  CHECK(machine.now().reason.empty());
}

TEST_CASE("a watch tells the health of now, every change, and the end") {
  testing::FakeClock clock;
  storage::HealthBoard board(clock);
  boost::asio::io_context loop;
  testing::run(loop, follow(board));
}
