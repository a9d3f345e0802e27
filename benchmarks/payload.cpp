#include "benchmarks/payload.hpp"

#include <algorithm>
#include <iterator>

namespace comem::bench {
namespace {

constexpr std::size_t vocabulary = 4000;
constexpr const char* syllables[] = {"ba", "ce", "di", "fo", "gu", "ha", "ke", "li",  "mo",   "nu",
                                     "pa", "re", "si", "to", "vu", "wa", "ze", "kri", "stro", "plu"};

std::string word_of(std::size_t number) {
  std::string word;
  number += std::size(syllables);  // at least two syllables
  while (number > 0) {
    word += syllables[number % std::size(syllables)];
    number /= std::size(syllables);
  }
  return word;
}

}  // namespace

Words::Words(std::uint64_t seed) : state_(seed) {
  double sum = 0;
  for (std::size_t i = 0; i < vocabulary; ++i) {
    words_.push_back(word_of(i));
    sum += 1.0 / static_cast<double>(i + 1);
    cumulative_.push_back(sum);
  }
}

// SplitMix64 (Steele, Lea, Flood, 2014): short, and alike everywhere, which std::uniform_real_distribution is
// not.
std::uint64_t Words::random() noexcept {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::string Words::next() {
  const double unit = static_cast<double>(random() >> 11) * 0x1.0p-53;
  const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end(), unit * cumulative_.back());
  return words_[static_cast<std::size_t>(std::min(at, cumulative_.end() - 1) - cumulative_.begin())];
}

std::string Words::text(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + next();
  return text;
}

}  // namespace comem::bench
