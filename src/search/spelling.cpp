#include "search/spelling.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

#include "search/sparing.hpp"
#include "search/utf8_decode.hpp"
#include "search/word_reader.hpp"

namespace comem::search {
namespace {

using Trigram = std::uint64_t;

// Ascending, each once. No word of the index has more.
struct Trigrams {
  std::array<Trigram, max_word_bytes + 2> all{};
  std::size_t count = 0;

  const Trigram* begin() const noexcept { return all.data(); }
  const Trigram* end() const noexcept { return all.data() + count; }
};

Trigrams trigrams_of(std::string_view word) {
  constexpr std::uint64_t begin = 1;
  constexpr std::uint64_t end = 2;
  constexpr unsigned bits = 21;  // of a code point
  constexpr std::uint64_t three = (std::uint64_t{1} << (3 * bits)) - 1;
  Trigrams trigrams;
  std::uint64_t last = begin;
  std::size_t seen = 1;
  const auto take = [&](std::uint64_t character) {
    last = ((last << bits) | character) & three;
    if (++seen >= 3 && trigrams.count < trigrams.all.size()) trigrams.all[trigrams.count++] = last;
  };
  for (std::size_t at = 0; at < word.size();) {
    const CodePoint here = decode(word, at);
    take(here.value);
    at += here.bytes;
  }
  take(end);
  const auto first = trigrams.all.begin();
  std::sort(first, first + static_cast<std::ptrdiff_t>(trigrams.count));
  const auto different = std::unique(first, first + static_cast<std::ptrdiff_t>(trigrams.count));
  trigrams.count = static_cast<std::size_t>(different - first);
  return trigrams;
}

std::uint64_t bit_of(Trigram trigram) noexcept {
  constexpr std::uint64_t spread = 0x9E3779B97F4A7C15;  // Fibonacci hashing
  return std::uint64_t{1} << ((trigram * spread) >> 58);
}

std::uint64_t signature_of(const Trigrams& trigrams) noexcept {
  std::uint64_t signature = 0;
  for (const Trigram trigram : trigrams) signature |= bit_of(trigram);
  return signature;
}

}  // namespace

double likeness(std::string_view a, std::string_view b) {
  const auto left = trigrams_of(a);
  const auto right = trigrams_of(b);
  std::size_t both = 0;
  for (const auto *a_next = left.begin(), *b_next = right.begin();
       a_next != left.end() && b_next != right.end();) {
    if (*a_next == *b_next) {
      ++both;
      ++a_next;
      ++b_next;
    } else if (*a_next < *b_next) {
      ++a_next;
    } else {
      ++b_next;
    }
  }
  const auto all = static_cast<double>(left.count + right.count);
  return all == 0 ? 0 : 2 * static_cast<double>(both) / all;
}

void Spelling::add(std::string_view term) {
  grow_sparingly(signatures_);
  signatures_.push_back(signature_of(trigrams_of(term)));
}

namespace {

struct Scan {
  const std::vector<std::uint64_t>& signatures;
  std::uint64_t signature;
  double count;
  int clashes, shared;
  double least;
};

[[gnu::always_inline]] inline std::vector<std::uint32_t> scan_all(const Scan& wanted) {
  std::vector<std::uint32_t> found;
  const auto size = static_cast<std::uint32_t>(wanted.signatures.size());
  for (std::uint32_t term = 0; term < size; ++term) {
    const std::uint64_t theirs = wanted.signatures[term];
    const int bits = std::popcount(theirs & wanted.signature);
    if (bits < wanted.shared) continue;
    // They share no more than this, and the term has no fewer trigrams than bits.
    const int most = bits + wanted.clashes;
    if (2 * most + 1e-9 >= wanted.least * (wanted.count + std::popcount(theirs))) found.push_back(term);
  }
  return found;
}

std::vector<std::uint32_t> scan_plain(const Scan& wanted) {
  return scan_all(wanted);
}

#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("popcnt")]] std::vector<std::uint32_t> scan_popcnt(const Scan& wanted) {
  return scan_all(wanted);
}
const bool has_popcnt = __builtin_cpu_supports("popcnt") != 0;
#else
constexpr auto scan_popcnt = scan_plain;
constexpr bool has_popcnt = false;
#endif

// Counting bits takes one instruction where the processor has it.
std::vector<std::uint32_t> scan(const Scan& wanted) {
  return has_popcnt ? scan_popcnt(wanted) : scan_plain(wanted);
}

}  // namespace

// Two words of n and m trigrams that share k of them: 2k / (n + m) >= least, and m >= k, so
// k >= n * least / (2 - least). Of the k at least k - (n - bits) have a bit of their own in the word's
// signature.
std::vector<std::uint32_t> Spelling::candidates(std::string_view word, double least) const {
  const auto trigrams = trigrams_of(word);
  const std::uint64_t signature = signature_of(trigrams);
  const auto count = static_cast<double>(trigrams.count);
  const int clashes = static_cast<int>(trigrams.count) - std::popcount(signature);
  const int shared = static_cast<int>(std::ceil(count * least / (2 - least) - 1e-9)) - clashes;
  return scan({signatures_, signature, count, clashes, shared, least});
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
