#pragma once
// The filters of a query, asked of what is known of a memory beside its vector. Exact, and the same as those
// of the index of words (tests/unit/storage/vector_filter_test.cpp compares them).

#include <comem/query.hpp>

#include <set>
#include <string>

#include "search/document.hpp"

namespace comem::storage {

/// `sessions` (empty: any) are the sessions that count. Expired documents pass no filter.
bool passes(const search::Document& document, const Query& query, const std::set<std::string>& sessions,
            TimePoint now) noexcept;

}  // namespace comem::storage
