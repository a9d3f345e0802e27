#pragma once
// What a query asks for: its words, and what it says beside them of who and when.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "search/dates.hpp"
#include "search/documents.hpp"
#include "search/facets.hpp"
#include "search/parameters.hpp"
#include "search/query_terms.hpp"

namespace comem::search {

struct Intent {
  Intent() = default;
  std::vector<QueryTerm> terms;
  std::optional<std::uint32_t> author;  ///< whose memories are wanted
  bool named = false;                   ///< by name
  std::vector<DayRange> dates;          ///< when it happened
  bool when = false;                    ///< a time is asked for
  bool name = false;                    ///< a name is asked for
};

/// Whether no memory has a word.
using Unknown = std::function<bool(const Word&)>;

/// Names of `authors` in the query are no words to search for; where they name one author alone, that is
/// whose memories are wanted. A query in the first person that names nobody wants those of the author "user".
/// A word that is `unknown` may be a name with a slip of the fingers in it.
Intent intent_of(std::string_view query, const Authors& authors, const DocumentTable& documents,
                 const Parameters& parameters, const Unknown& unknown = {});

}  // namespace comem::search
