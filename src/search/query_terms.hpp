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

/// The distinct terms in the order of the query, without those of words that `is_name` knows. Names only
/// where there is nothing else, stop words only where there is no name either; empty without any word.
std::vector<QueryTerm> query_terms(
    std::string_view text, Stemming stemming = Stemming::english,
    const std::function<bool(const Word&)>& is_name = [](const Word&) { return false; });

}  // namespace comem::search
