#pragma once
// Names that a text gives, and questions for one.

#include <string_view>

#include "search/words.hpp"

namespace comem::search {

/// Whether the word of `text` looks like a name: it begins with a capital, a to z go before and after it. At
/// the beginning of a sentence every word does, so there it says nothing. Where all words are capitalised, or
/// none (German nouns, other scripts), it tells memories apart no more.
bool looks_like_name(std::string_view text, const Word& word) noexcept;

/// Whether an English query asks for a name: who, where, which book.
bool asks_for_name(std::string_view query);

}  // namespace comem::search
