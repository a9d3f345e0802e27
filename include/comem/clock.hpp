#pragma once
// Time, injected: everything that asks what time it is asks a Clock.

#include <chrono>

namespace comem {

/// Wall-clock time in milliseconds since 1970 UTC; the resolution of every stored time.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

/// "Never", for expiries.
inline constexpr TimePoint no_expiry{};

/// Thread-safe. now() may jump either way; steady() never goes back.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual SteadyTime steady() const = 0;
};

/// The system's clocks; lives as long as the program.
const Clock& system_clock() noexcept;

}  // namespace comem
