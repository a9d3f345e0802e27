#pragma once
// A clock whose wall time jumps when a driver orders it.

#include <comem/clock.hpp>

#include <atomic>
#include <cstdint>

namespace comem::torture {

class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(std::int64_t shift_ms) : shift_ms_(shift_ms) {}

  TimePoint now() const override { return system_clock().now() + Milliseconds(shift_ms_.load()); }
  SteadyTime steady() const override { return system_clock().steady(); }
  void shift(std::int64_t ms) { shift_ms_ = ms; }

 private:
  std::atomic<std::int64_t> shift_ms_;
};

}  // namespace comem::torture
