#pragma once
// Whether a text speaks of whoever speaks, or to somebody else.

#include <cstdint>
#include <string_view>

namespace comem::search {

enum class Person : std::uint8_t {
  none,
  first,   ///< I, my, we and the like; also as split_words() leaves contractions
  second,  ///< you, your and the like
};

/// Of a folded word.
Person person_of(std::string_view folded) noexcept;

/// Takes the words of one text.
class Persons {
 public:
  void take(Person person) noexcept {
    first_ = first_ || person == Person::first;
    second_ = second_ || person == Person::second;
  }
  bool second_only() const noexcept { return second_ && !first_; }

 private:
  bool first_ = false, second_ = false;
};

}  // namespace comem::search
