#pragma once
// Live changes that other agents make.

#include <comem/memory_type.hpp>
#include <comem/version.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace comem {

struct Change {
  Change() = default;
  enum class Kind { saved, forgotten } kind = Kind::saved;
  MemoryType type = MemoryType::episodic;
  std::string id;
  std::string agent;  ///< who made the change
  Version version;
  std::uint64_t dropped_before = 0;  ///< changes dropped just before this one, because the queue was full
};

class ChangeQueue;

/// A bounded stream of changes, in the order in which this store learned of them. A handle: destroying it
/// ends the subscription. Not thread-safe; one next() at a time. When its reader is slow the oldest changes
/// are dropped, and the next change says how many.
class Subscription {
 public:
  explicit Subscription(std::shared_ptr<ChangeQueue> queue) noexcept;
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  /// The next change; empty once the subscription or its adapter was closed. May be cancelled.
  boost::asio::awaitable<std::optional<Change>> next();
  /// Ends the stream; a waiting next() answers empty.
  void close() noexcept;
  /// All changes dropped so far.
  std::uint64_t dropped() const noexcept;

 private:
  std::shared_ptr<ChangeQueue> queue_;
};

}  // namespace comem
