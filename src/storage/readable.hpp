#pragma once
// What a relay hands over may be anybody's: it is read before it is stored.

#include <cstddef>
#include <vector>

#include "core/record.hpp"

namespace comem::storage {

/// Takes out the records whose value nobody could read; answers how many.
std::size_t drop_unreadable(std::vector<Record>& records);

}  // namespace comem::storage
