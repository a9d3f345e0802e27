#pragma once
// What a query looks for.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace comem::search {

struct QueryTerm {
  QueryTerm() = default;
  std::string term;     ///< as search/terms.hpp names it
  std::string written;  ///< the word of the query, as it stands there
};

/// Longer queries are cut: their first so many distinct terms count.
inline constexpr std::size_t max_query_terms = 256;

/// The distinct terms in the order of the query. Stop words only where there is nothing else; empty without
/// any word.
std::vector<QueryTerm> query_terms(std::string_view text);

}  // namespace comem::search
