#pragma once
// Whether a text speaks of whoever speaks, or to somebody else.

#include <string_view>

namespace comem::search {

/// I, my, we and the like, folded; also as split_words() leaves contractions.
bool is_first_person(std::string_view folded) noexcept;
/// You, your and the like.
bool is_second_person(std::string_view folded) noexcept;

/// Takes the words of one text.
class Persons {
 public:
  void take(std::string_view folded) noexcept {
    first_ = first_ || is_first_person(folded);
    second_ = second_ || (!first_ && is_second_person(folded));
  }
  bool second_only() const noexcept { return second_ && !first_; }

 private:
  bool first_ = false, second_ = false;
};

}  // namespace comem::search
