#include <limits>
#include <random>

#include <doctest/doctest.h>

#include "core/hybrid_clock.hpp"

using namespace comem;

namespace {
TimePoint at(std::int64_t ms) {
  return TimePoint(Milliseconds(ms));
}
Version version(std::int64_t ms, std::uint32_t counter, std::string store = "s") {
  return Version{ms, counter, std::move(store)};
}
constexpr std::int64_t two_hours = 2 * 3600 * 1000;
}  // namespace

TEST_CASE("the wall clock is taken while it advances, the counter when it does not") {
  CHECK(next_version(at(10), {}, {}, "s") == version(10, 0));
  CHECK(next_version(at(10), version(9, 7), {}, "s") == version(10, 0));
  CHECK(next_version(at(10), version(10, 0), {}, "s") == version(10, 1));
  CHECK(next_version(at(10), version(10, 0), version(10, 5, "t"), "s") == version(10, 6));
}

TEST_CASE("a clock set back two hours does not set versions back") {
  auto last = version(two_hours + 50, 3);
  for (std::int64_t now = 50; now < 60; ++now) {
    const auto next = next_version(at(now), last, {}, "s");
    CHECK(next > last);
    CHECK(next.ms == two_hours + 50);
    last = next;
  }
  CHECK(next_version(at(two_hours + 51), last, {}, "s") == version(two_hours + 51, 0));
}

TEST_CASE("an update beats what its writer had seen from a clock two hours ahead") {
  const auto seen = version(two_hours, 4, "zzz");
  const auto next = next_version(at(5), version(4, 0), seen, "a");
  CHECK(next > seen);
  CHECK(next == version(two_hours, 5, "a"));
}

TEST_CASE("a full counter carries into the milliseconds") {
  constexpr auto full = std::numeric_limits<std::uint32_t>::max();
  CHECK(next_version(at(1), version(9, full), {}, "s") == version(10, 0));
  CHECK(next_version(at(1), version(9, full - 1), {}, "s") == version(9, full));
}

TEST_CASE("a forged version at the end of time does no harm but to its own record") {
  constexpr auto end = std::numeric_limits<std::int64_t>::max();
  constexpr auto full = std::numeric_limits<std::uint32_t>::max();
  CHECK(next_version(at(1), {}, version(end, full, "a"), "b") == version(end, full, "b"));
  CHECK(next_version(at(1), {}, version(end, 0, "a"), "b") == version(end, 1, "b"));
}

TEST_CASE("versions of a store always rise, however the clock jumps and whatever it sees") {
  std::mt19937_64 random(11);
  Version last;
  for (int i = 0; i < 10'000; ++i) {
    const auto now = at(static_cast<std::int64_t>(random() % (4 * two_hours)));
    const auto seen = version(static_cast<std::int64_t>(random() % (4 * two_hours)),
                              static_cast<std::uint32_t>(random() % 3), random() % 2 != 0 ? "a" : "z");
    const auto next = next_version(now, last, random() % 2 != 0 ? seen : Version{}, "s");
    CHECK(next > last);
    last = next;
  }
}
