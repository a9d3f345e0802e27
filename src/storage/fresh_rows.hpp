#pragma once
// Rows that this process has just put into the outbox of one namespace: what it sends next, without asking
// the store for what it has only now been given.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "storage/outbox_page.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// Thread-safe. Holds 2,000 rows and 8 MB of values at most. What is missing here stands in the outbox:
/// page() knows when to look there instead.
class FreshRows {
 public:
  /// Whether rows are kept at all; not at first. Nothing is kept while nobody takes them.
  void keep(bool yes);
  /// What a commit has queued; in the order of commits.
  void add(Queued queued);
  /// Up to `limit` rows after change `after`, in the order of change, as read_outbox() would answer. Of a
  /// record that was written more than once, the last. Nothing where the outbox may hold rows after `after`
  /// that are not known here.
  std::optional<OutboxPage> page(std::uint64_t after, std::size_t limit);
  /// What the outbox held up to this change was read there.
  void passed(std::uint64_t change);

 private:
  void lose(std::uint64_t through);
  void drop_through(std::uint64_t change);

  std::mutex mutex_;
  bool keeping_ = false;
  std::deque<OutboxRow> rows_;
  std::size_t bytes_ = 0;              // of their values
  std::optional<std::uint64_t> from_;  // all that was queued after this change stands in rows_
};

}  // namespace comem::storage
