#pragma once
// The bounded queue between the feed of changes and one subscription.

#include <comem/subscription.hpp>

#include <optional>
#include <set>
#include <string>

#include "core/mailbox.hpp"
#include "core/record.hpp"

namespace comem {

/// Thread-safe.
class ChangeQueue : public Mailbox<Change> {
 public:
  /// Wants changes of `types` (empty: all long-term types) made by anyone but `agent`.
  ChangeQueue(std::string agent, std::set<MemoryType> types, std::size_t capacity);

  bool wants(const Record& record) const;
  /// The next change, or empty once closed; one caller at a time. Throws operation_aborted when cancelled.
  static boost::asio::awaitable<std::optional<Change>> next(std::shared_ptr<ChangeQueue> queue);

 private:
  const std::string agent_;
  const std::set<MemoryType> types_;
};

}  // namespace comem
