#pragma once
// A clock that a test sets.

#include <comem/clock.hpp>

#include <atomic>

namespace comem::testing {

class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return wall; }
  SteadyTime steady() const override { return steady_time; }

  void advance(Milliseconds by) {
    wall += by;
    steady_time += by;
  }

  TimePoint wall{std::chrono::milliseconds(1'800'000'000'000)};
  SteadyTime steady_time{std::chrono::hours(1)};
};

/// Wall time that a test sets, steady time as it passes: for tests that wait on real timers.
class FakeWallClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(Milliseconds(ms.load())); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(Milliseconds by) { ms += by.count(); }

  std::atomic<std::int64_t> ms{1'800'000'000'000};
};

}  // namespace comem::testing
