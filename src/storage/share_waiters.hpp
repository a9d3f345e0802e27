#pragma once
// Those who wait until a write of theirs is shared.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <comem/clock.hpp>

#include <deque>
#include <list>
#include <map>

#include "core/record.hpp"

namespace comem::storage {

/// All functions belong to one executor.
class ShareWaiters {
 public:
  explicit ShareWaiters(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Waits until the write numbered `change` of this record was settled, a newer one of it, or the deadline
  /// passed. Answers whether Redis has accepted it.
  boost::asio::awaitable<bool> wait(RecordKey key, std::uint64_t change, SteadyTime deadline);

  /// The write of `key` numbered `change`, and all before it, were accepted or refused.
  void settle(const RecordKey& key, std::uint64_t change, bool accepted);
  /// Everybody stops waiting.
  void give_up();

 private:
  struct Waiter {
    Waiter(RecordKey key_, std::uint64_t change_, boost::asio::steady_timer timer_)
        : key(std::move(key_)), change(change_), timer(std::move(timer_)) {}
    RecordKey key;
    std::uint64_t change;
    boost::asio::steady_timer timer;
    bool accepted = false;
    bool settled = false;
  };

  boost::asio::any_io_executor executor_;
  std::list<Waiter> waiters_;
  // A write may be settled before its caller comes to wait, so the last ones are remembered.
  std::map<RecordKey, std::uint64_t> recent_;
  std::deque<RecordKey> recent_order_;
};

}  // namespace comem::storage
