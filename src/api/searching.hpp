#pragma once
// Searching, and the context that is made from what was found.

#include <comem/any_memory.hpp>
#include <comem/options.hpp>
#include <comem/query.hpp>

#include <vector>

#include "storage/index_view.hpp"

namespace comem {

/// The best hits among what `tx` sees, also where others have brought the index further than that.
std::vector<Hit<AnyMemory>> search_in(storage::ReadTransaction& tx, storage::IndexView& index,
                                      const Query& query, const Options& options, TimePoint now);

}  // namespace comem
