#pragma once
// What a word is called in the index: its stem. Stop words are there too, for queries that have nothing else,
// under a name that no stem can have.

#include <string>

#include "search/parameters.hpp"
#include "search/words.hpp"

namespace comem::search {

/// Writes the term of `word` to `term`, whose storage is reused; answers whether it is a stop word. With
/// Stemming::none the term is the folded word, and nothing is a stop word.
bool term_of(const Word& word, std::string& term, Stemming stemming = Stemming::english);

/// Whether `term` is one of a stop word.
inline bool is_stop_term(std::string_view term) noexcept {
  return term.starts_with(' ');
}

}  // namespace comem::search
