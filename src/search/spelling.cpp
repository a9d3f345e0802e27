#include "search/spelling.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "search/utf8_decode.hpp"

namespace comem::search {
namespace {

using Trigram = std::uint64_t;

std::vector<Trigram> trigrams_of(std::string_view word) {
  constexpr std::uint64_t begin = 1;
  constexpr std::uint64_t end = 2;
  constexpr unsigned bits = 21;  // of a code point
  constexpr std::uint64_t three = (std::uint64_t{1} << (3 * bits)) - 1;
  std::vector<Trigram> trigrams;
  std::uint64_t last = begin;
  std::size_t seen = 1;
  const auto take = [&](std::uint64_t character) {
    last = ((last << bits) | character) & three;
    if (++seen >= 3) trigrams.push_back(last);
  };
  for (std::size_t at = 0; at < word.size();) {
    const CodePoint here = decode(word, at);
    take(here.value);
    at += here.bytes;
  }
  take(end);
  std::sort(trigrams.begin(), trigrams.end());
  trigrams.erase(std::unique(trigrams.begin(), trigrams.end()), trigrams.end());
  return trigrams;
}

std::uint64_t bit_of(Trigram trigram) noexcept {
  constexpr std::uint64_t spread = 0x9E3779B97F4A7C15;  // Fibonacci hashing
  return std::uint64_t{1} << ((trigram * spread) >> 58);
}

std::uint64_t signature_of(const std::vector<Trigram>& trigrams) noexcept {
  std::uint64_t signature = 0;
  for (const Trigram trigram : trigrams) signature |= bit_of(trigram);
  return signature;
}

}  // namespace

double likeness(std::string_view a, std::string_view b) {
  const auto left = trigrams_of(a);
  const auto right = trigrams_of(b);
  std::vector<Trigram> both;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  const auto all = static_cast<double>(left.size() + right.size());
  return all == 0 ? 0 : 2 * static_cast<double>(both.size()) / all;
}

void Spelling::add(std::string_view term) {
  signatures_.push_back(signature_of(trigrams_of(term)));
}

// Two words of n and m trigrams that share k of them: 2k / (n + m) >= least, and m >= k, so
// k >= n * least / (2 - least). Of the k at least k - (n - bits) have a bit of their own in the word's
// signature.
std::vector<std::uint32_t> Spelling::candidates(std::string_view word, double least) const {
  const auto trigrams = trigrams_of(word);
  const std::uint64_t signature = signature_of(trigrams);
  const auto count = static_cast<double>(trigrams.size());
  const int clashes = static_cast<int>(trigrams.size()) - std::popcount(signature);
  const int shared = static_cast<int>(std::ceil(count * least / (2 - least) - 1e-9)) - clashes;
  std::vector<std::uint32_t> found;
  for (std::uint32_t term = 0; term < signatures_.size(); ++term) {
    if (std::popcount(signatures_[term] & signature) >= shared) found.push_back(term);
  }
  return found;
}

bool Spelling::judges(std::string_view word) noexcept {
  std::size_t letters = 0;
  for (std::size_t at = 0; at < word.size(); ++letters) {
    const CodePoint here = decode(word, at);
    if (here.value < 0x80 && (here.value < U'a' || here.value > U'z')) return false;
    at += here.bytes;
  }
  return letters > 3;
}

}  // namespace comem::search
