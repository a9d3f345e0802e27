#pragma once
// Reads the words of a text one after the other; split_words() without the list.

#include <cstddef>
#include <string_view>

#include "search/words.hpp"

namespace comem::search {

/// Longer words (hashes, encoded data) count as their first so many bytes, so that no text makes enormous
/// terms.
inline constexpr std::size_t max_word_bytes = 64;

class WordReader {
 public:
  /// `text` must outlive the reader.
  explicit WordReader(std::string_view text) noexcept : text_(text) {}

  /// The next word into `word`, whose storage is reused; false at the end.
  bool next(Word& word);

 private:
  void read_letters(Word& word);
  bool read_bigram(Word& word);
  void read_contraction(Word& word, std::size_t apostrophe_bytes);

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_run_ = false;  ///< at_ is at a character that already was the second one of a bigram
};

}  // namespace comem::search
