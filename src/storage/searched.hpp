#pragma once
// What of a memory is searched.

#include <comem/any_memory.hpp>

#include "core/record.hpp"
#include "search/document.hpp"

namespace comem::storage {

/// The memory as the index takes it. A caption in its further fields (`"caption"`, what an imported picture
/// shows) is searched apart, and the author's name at the head of a line of dialogue not at all.
search::Document searched_document(const AnyMemory& memory, const RecordKey& key, TimePoint expires_at,
                                   TimePoint now);

}  // namespace comem::storage
