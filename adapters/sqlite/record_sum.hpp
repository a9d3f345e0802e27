#pragma once
// The checksum that stands in each row of a record, so that a damaged value is noticed and never answered,
// searched or shared as if it had been written. SQLite itself keeps none, and its integrity check looks at
// the structure of pages only.

#include <cstdint>
#include <string_view>

#include "core/record.hpp"

namespace comem::sqlite {

/// CRC-32 of everything but counters and change number in the lower half, of the encoded counters in the
/// upper half: a row whose counters alone are written anew keeps its lower half. Namespace, type and id are
/// part of it, so that a row cannot pass for another record.
std::int64_t record_sum(const Record& record, std::string_view counters);

/// CRC-32 of the encoded counters.
std::int64_t counters_sum(std::string_view counters);

}  // namespace comem::sqlite
