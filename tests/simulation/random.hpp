#pragma once
// The chance of a simulation: everything random follows from its seed, alike on every machine.

#include <array>
#include <cstdint>
#include <vector>

namespace comem::simulation {

/// SplitMix64 (Steele, Lea, Flood, 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1; 0 for n = 0.
  std::uint64_t below(std::uint64_t n) noexcept { return n == 0 ? 0 : next() % n; }
  /// Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool chance(double probability) noexcept {
    return static_cast<double>(next() >> 11) < probability * 9007199254740992.0;  // 2^53
  }
  template <class T, std::size_t n>
  const T& pick(const std::array<T, n>& from) noexcept {
    return from[below(n)];
  }
  template <class T>
  T& pick(std::vector<T>& from) noexcept {
    return from[below(from.size())];
  }
  /// A further source, independent of how often this one is asked later.
  Random fork() noexcept { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace comem::simulation
