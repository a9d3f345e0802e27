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
      end_ = text_.find_first_of(".!?\n", word.end);
      asks_ = end_ != std::string_view::npos && text_[end_] == '?';
    }
    return asks_;
  }

 private:
  std::string_view text_;
  std::size_t end_ = 0;  // of the sentence that was looked at last
  bool asks_ = false;
};

}  // namespace comem::search
