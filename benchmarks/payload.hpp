#pragma once
// What the benchmarks save: made-up words, the same for the same seed on every machine.

#include <cstdint>
#include <string>
#include <vector>

namespace comem::bench {

/// Words of a made-up language of 4,000, the first ones used most (Zipf), as in real texts.
class Words {
 public:
  explicit Words(std::uint64_t seed);

  std::string next();
  /// `count` words.
  std::string text(std::size_t count);
  /// A number below `bound`.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random() % bound); }

 private:
  std::uint64_t random() noexcept;

  std::uint64_t state_;
  std::vector<std::string> words_;
  std::vector<double> cumulative_;
};

inline constexpr std::size_t prompt_words = 8;
inline constexpr std::size_t content_words = 90;

}  // namespace comem::bench
