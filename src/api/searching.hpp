#pragma once
// Searching, and the context that is made from what was found.

#include <comem/any_memory.hpp>
#include <comem/options.hpp>
#include <comem/query.hpp>

#include <vector>

#include "api/fused_search.hpp"

namespace comem {

/// The best hits among what `tx` sees, also where others have brought the index further than that.
std::vector<Hit<AnyMemory>> search_in(storage::ReadTransaction& tx, const SearchArms& arms,
                                      const Query& query, const Options& options, TimePoint now);

}  // namespace comem
