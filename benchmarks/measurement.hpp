#pragma once
// What a benchmark measured.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace comem::bench {

using Steady = std::chrono::steady_clock;

inline double ms_between(Steady::time_point begin, Steady::time_point end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

/// Times of single operations, and of all of them together.
class Measurement {
 public:
  void add(double ms) { ms_.push_back(ms); }
  void took(double seconds) { seconds_ = seconds; }

  std::size_t count() const noexcept { return ms_.size(); }
  /// The smallest time that at least `share` of the operations did not exceed (nearest rank).
  double percentile(double share) const;
  double per_second() const;

 private:
  std::vector<double> ms_;
  double seconds_ = 0;
};

}  // namespace comem::bench
