#pragma once
// What a benchmark measured.

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace comem::bench {

using Steady = std::chrono::steady_clock;

inline double ms_between(Steady::time_point begin, Steady::time_point end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

/// Times of single operations, and of all of them together; this process' processor time meanwhile.
class Measurement {
 public:
  void start();
  void stop();
  void add(double ms) { ms_.push_back(ms); }
  /// For a measurement whose operations were not timed one by one.
  void add_all(std::size_t operations) { untimed_ += operations; }
  /// A figure of its own.
  void note(std::string name, double value) { notes_.emplace_back(std::move(name), value); }

  std::size_t count() const noexcept { return ms_.size() + untimed_; }
  /// The smallest time that at least `share` of the operations did not exceed (nearest rank).
  double percentile(double share) const;
  double per_second() const;
  /// User and system, all threads, for each operation.
  double cpu_us() const;
  const std::vector<std::pair<std::string, double>>& notes() const noexcept { return notes_; }

 private:
  std::vector<double> ms_;
  std::vector<std::pair<std::string, double>> notes_;
  std::size_t untimed_ = 0;
  Steady::time_point started_;
  double cpu_started_ = 0, cpu_seconds_ = 0, seconds_ = 0;
};

/// Processor time of this process so far, user and system, in seconds.
double cpu_seconds();
/// The memory it has resident now, and the most it ever had, in MB.
double resident_mb();
double peak_resident_mb();

}  // namespace comem::bench
