#pragma once
// What a query looks for.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "search/parameters.hpp"
#include "search/words.hpp"

namespace comem::search {

struct QueryTerm {
  QueryTerm() = default;
  std::string folded;   ///< as split_words() gives it
  std::string term;     ///< as search/terms.hpp names it
  std::string written;  ///< the word of the query, as it stands there
};

/// Longer queries are cut: their first so many distinct terms count.
inline constexpr std::size_t max_query_terms = 256;

/// What a word of a query is there for.
enum class Role { search, name, date };

/// The distinct terms of the words to search for, in the order of the query. Names and stop words only where
/// there is nothing else, no date either: names, else stop words; empty without any word.
std::vector<QueryTerm> query_terms(
    std::string_view text, Stemming stemming = Stemming::english,
    const std::function<Role(const Word&)>& role_of = [](const Word&) { return Role::search; });

}  // namespace comem::search
