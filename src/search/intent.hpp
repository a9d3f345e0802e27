#pragma once
// What a query asks for: its words, and what it says beside them of who and when.

#include <chrono>
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
  bool alone = false;                   ///< one author is named, and no other
  std::vector<DayRange> dates;          ///< when it happened
  bool when = false;                    ///< a time is asked for
  bool name = false;                    ///< a name is asked for
};

/// Whether no memory has a word.
using Unknown = std::function<bool(const Word&)>;

/// Names of `authors` in the query are no words to search for. Wanted are the memories of the author who is
/// named, of several the first, unless they are named together ("Anna and Ben"). A query in the first person
/// that names nobody, or says "I" before it does, wants those of the author "user". A word that is `unknown`
/// may be a name with a slip of the fingers in it. "Yesterday" is the day before `today`.
Intent intent_of(std::string_view query, const Authors& authors, const DocumentTable& documents,
                 const Parameters& parameters, const Unknown& unknown = {}, std::chrono::sys_days today = {});

}  // namespace comem::search
