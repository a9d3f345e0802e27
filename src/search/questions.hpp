#pragma once
// Which words of a text stand in a question: what is asked for there, the next speaker answers without saying
// it again.

#include <cstddef>
#include <string_view>

#include "search/words.hpp"

namespace comem::search {

/// Asked of the words of one text in their order.
class Questions {
 public:
  explicit Questions(std::string_view text) noexcept : text_(text) {}

  /// Whether the sentence that `word` stands in ends with a question mark.
  bool has(const Word& word) noexcept {
    if (word.end > end_) {
      end_ = word.end;
      while (end_ < text_.size() && !ends_sentence(text_[end_])) ++end_;
      asks_ = end_ < text_.size() && text_[end_] == '?';
    }
    return asks_;
  }

 private:
  static bool ends_sentence(char c) noexcept { return c == '.' || c == '!' || c == '?' || c == '\n'; }

  std::string_view text_;
  std::size_t end_ = 0;  // of the sentence that was looked at last
  bool asks_ = false;
};

}  // namespace comem::search
