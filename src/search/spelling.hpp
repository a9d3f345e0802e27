#pragma once
// Finds words that look like one that nobody wrote: what a misspelled word of a query may have meant.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "search/bytes.hpp"

namespace comem::search {

/// How alike two words look: Dice's coefficient of their sets of three characters in a row, each word with
/// its begin and end marked; 0 to 1 (L. R. Dice, "Measures of the amount of ecologic association between
/// species", 1945).
double likeness(std::string_view a, std::string_view b);

/// One signature a term, so that most of a large vocabulary is ruled out by one comparison each.
class Spelling {
 public:
  /// Terms in the order of their numbers.
  void add(std::string_view term);

  /// Numbers of the terms that may look at least this much like `word`: all that do, and some that do not.
  std::vector<std::uint32_t> candidates(std::string_view word, double least) const;

  void save(ByteWriter& writer) const { writer.put_all(signatures_); }
  void load(ByteReader& reader) { signatures_ = reader.all<std::uint64_t>(); }
  std::size_t size() const noexcept { return signatures_.size(); }

  /// Whether a word has enough letters, and nothing but letters, to be told by its looks.
  static bool judges(std::string_view word) noexcept;

 private:
  std::vector<std::uint64_t> signatures_;  // a bit for each trigram, by its hash
};

}  // namespace comem::search
