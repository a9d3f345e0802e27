#pragma once
// Made-up memories for measuring search at any size: alike on every machine for the same seed. They have what
// a search index meets in real texts: a few words that stand everywhere, a vocabulary that grows as long as
// one writes, sessions that keep to a subject.

#include <comem/episode.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace comem::bench {

/// SplitMix64 (Steele, Lea and Flood, 2014): short, and alike everywhere, which the distributions of the
/// standard library are not.
class RandomBits {
 public:
  explicit RandomBits(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept;
  /// 0 to 1, without the 1.
  double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

/// Ranks of words, the most frequent one first: by Zipf's law up to the 10,000th, from there on falling with
/// the power 1.8, so that T words hold about T^0.56 different ones (Heaps' law; the two regimes are those of
/// R. Ferrer i Cancho and R. V. Sole, "Two regimes in the frequency of words", 2001).
std::uint64_t any_rank(RandomBits& random) noexcept;

/// The first 60 are English function words, all others made of syllables; some share their beginning, as
/// words of one family do.
std::string word_of_rank(std::uint64_t rank);

class MadeMemories {
 public:
  static constexpr std::size_t words = 100;   ///< of a memory
  static constexpr std::size_t session = 20;  ///< memories

  explicit MadeMemories(std::uint64_t seed) noexcept : random_(seed) {}

  /// The next one, with an id, session, turn, author (two a session, of 40), time (a minute after the last
  /// one), and the tags "all", "half" (on every other one) and "few-K" (K below 500, on one of 500 each).
  Episode next();

 private:
  void begin_session();
  std::string any_word();

  RandomBits random_;
  std::uint64_t made_ = 0;
  std::size_t first_author_ = 0;
  std::vector<std::string> subject_;  // words of the session
};

/// A query of three to eight different words that are no function words, as somebody asks who remembers a
/// memory: all of them stand in `text`.
std::string made_query(const std::string& text, RandomBits& random);

/// The same with function words, as a person asks: "what did they ... about the ...".
std::string as_question(const std::string& query, std::size_t number);

/// The name of an author.
std::string author_name(std::size_t number);

}  // namespace comem::bench
