#pragma once
// A page of the outbox: the rows that a process sends, its own and those that it has taken over.

#include <cstdint>
#include <string>
#include <vector>

#include "storage/store.hpp"

namespace comem::storage {

struct OutboxPage {
  OutboxPage() = default;
  std::vector<OutboxRow> rows;
  std::uint64_t through = 0;  ///< the outbox was read up to this change
  bool more = false;          ///< it may hold further rows
};

/// Up to `limit` rows of the namespace after change `after`, in the order of change: those of `process`, and
/// those of other processes up to change `others_through`. Rows are left out only to spare work, since
/// sharing one twice is harmless.
OutboxPage read_outbox(ReadTransaction& tx, const std::string& ns, std::uint64_t after,
                       const std::string& process, std::uint64_t others_through, std::size_t limit);

}  // namespace comem::storage
