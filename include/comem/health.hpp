#pragma once
// How sharing is doing, and when that changes.

#include <comem/clock.hpp>
#include <comem/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace comem {

struct Health {
  Health() = default;
  RelayState state = RelayState::off;
  std::string reason;  ///< why it is not up, or what Redis refuses, in words; else empty
  TimePoint since{};   ///< when it came into this state
};

class HealthQueue;

/// A stream of changes of health. A handle: destroying it ends the stream. Not thread-safe; one next() at a
/// time. A slow reader misses the oldest changes, never the last.
class HealthWatch {
 public:
  explicit HealthWatch(std::shared_ptr<HealthQueue> queue) noexcept;
  HealthWatch(HealthWatch&&) noexcept;
  HealthWatch& operator=(HealthWatch&&) noexcept;
  ~HealthWatch();

  /// At first the health of now, then every change; empty once the watch or its adapter was closed. May be
  /// cancelled.
  boost::asio::awaitable<std::optional<Health>> next();
  /// Ends the stream; a waiting next() answers empty.
  void close() noexcept;

 private:
  std::shared_ptr<HealthQueue> queue_;
};

}  // namespace comem
