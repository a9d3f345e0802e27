#include "search/persons.hpp"

#include <unordered_set>

namespace comem::search {

namespace {

bool is_first(std::string_view folded) noexcept {
  // "Ill" and "id" without their apostrophes are other words.
  static const std::unordered_set<std::string_view> words{
      "i", "my", "me", "mine", "myself", "im", "ive", "we", "our", "ours", "us", "weve", "ourselves"};
  return words.contains(folded);
}

bool is_second(std::string_view folded) noexcept {
  static const std::unordered_set<std::string_view> words{"you", "your",       "yours", "yourself", "u",
                                                          "ur",  "yourselves", "youre", "youve"};
  return words.contains(folded);
}

}  // namespace

Person person_of(std::string_view folded) noexcept {
  if (is_first(folded)) return Person::first;
  return is_second(folded) ? Person::second : Person::none;
}

}  // namespace comem::search
