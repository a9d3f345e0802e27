#pragma once
// Words of which one is enough to make another statement of a sentence. English, with the negations of a few
// other languages; a language that is not here is compared by its words, numbers and names alone.

#include <cstdint>
#include <string_view>
#include <vector>

namespace comem::memory {

/// One side of a pair of opposites.
struct Opposite {
  std::uint16_t pair = 0;
  bool second = false;
  friend bool operator==(const Opposite&, const Opposite&) = default;
};

/// Whether the word, case and accents folded, denies what follows it; in scripts without spaces, whether it
/// holds a character that does.
bool denies(std::string_view folded) noexcept;

/// Number words, days, months and parts of the day.
bool is_literal(std::string_view folded) noexcept;

/// The sides that a word takes; mostly none. A stem stands for the words that are inflections of it.
std::vector<Opposite> sides_of(std::string_view folded, std::string_view stem);

/// What is left of "unhappy" without its denying prefix; empty for words that have none.
std::string_view without_denial(std::string_view stem) noexcept;

}  // namespace comem::memory
