#pragma once
// Which rows of the outbox a process sends, its own and those that another process should have sent by now.

#include <comem/clock.hpp>

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

enum class Foreign { none, old, all };

/// Up to `limit` rows of the namespace after change `after`, in the order of change: those of `process`, and
/// with Foreign::old those of other processes that are a second old. Rows that are queued in the future count
/// as old: the clock was set back since, and nobody knows for how long they have waited. Rows are left out
/// only to spare work, since sharing one twice is harmless.
OutboxPage read_outbox(ReadTransaction& tx, const std::string& ns, std::uint64_t after,
                       const std::string& process, Foreign foreign, TimePoint now, std::size_t limit);

}  // namespace comem::storage
