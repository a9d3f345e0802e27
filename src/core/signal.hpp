#pragma once
// Waking coroutines that wait for something to change.

#include <comem/clock.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <list>

#include "core/timer.hpp"

namespace comem {

/// All functions belong to one executor. Nothing is remembered: look at what you wait for, then wait, in a
/// loop.
class Signal {
 public:
  explicit Signal(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Returns when notified or at `until`. May be cancelled. The Signal must outlive it.
  boost::asio::awaitable<void> wait(SteadyTime until = SteadyTime::max());
  /// Wakes all who wait.
  void notify();

 private:
  boost::asio::any_io_executor executor_;
  std::list<Timer> waiting_;
};

}  // namespace comem
