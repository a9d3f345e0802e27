#pragma once
// The bounded queue between the feed of changes and one subscription.

#include <comem/subscription.hpp>

#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "core/answer.hpp"
#include "core/record.hpp"

namespace comem {

/// Thread-safe. A reader whose execution context ends while it waits takes its wait with it.
class ChangeQueue : public std::enable_shared_from_this<ChangeQueue> {
 public:
  /// Wants changes of `types` (empty: all long-term types) made by anyone but `agent`.
  ChangeQueue(std::string agent, std::set<MemoryType> types, std::size_t capacity);

  bool wants(const Record& record) const;
  /// Drops the oldest change when full.
  void push(Change change);
  /// The next change, or empty once closed; one caller at a time. Throws operation_aborted when cancelled.
  static boost::asio::awaitable<std::optional<Change>> next(std::shared_ptr<ChangeQueue> queue);
  void close() noexcept;
  bool closed() const;
  std::uint64_t dropped() const;

 private:
  struct Wait;
  bool take(std::optional<Change>& change);
  /// Answers at once when there is something to hear of.
  void wait(Answer answer);
  void wake(std::exception_ptr error);

  const std::string agent_;
  const std::set<MemoryType> types_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<Change> changes_;
  std::optional<Answer> waiting_;
  std::uint64_t dropped_ = 0;
  std::uint64_t reported_ = 0;  // of the dropped
  bool closed_ = false;
};

}  // namespace comem
