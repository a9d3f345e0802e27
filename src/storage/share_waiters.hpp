#pragma once
// Those who wait until a write of theirs is shared.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <comem/clock.hpp>

#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "core/record.hpp"
#include "core/timer.hpp"

namespace comem::storage {

/// All functions belong to one executor.
class ShareWaiters {
 public:
  explicit ShareWaiters(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Waits until the write numbered `change` of this record was settled, a newer one of it, or the deadline
  /// passed. Answers the epoch of the relay that has accepted it; nothing when none has.
  boost::asio::awaitable<std::optional<std::string>> wait(RecordKey key, std::uint64_t change,
                                                          SteadyTime deadline);

  /// The write of `key` numbered `change`, and all before it, were accepted in this epoch, or refused
  /// (nothing).
  void settle(const RecordKey& key, std::uint64_t change, const std::optional<std::string>& epoch);
  /// Everybody stops waiting.
  void give_up();

 private:
  struct Waiter {
    Waiter(RecordKey key_, std::uint64_t change_, const boost::asio::any_io_executor& executor,
           SteadyTime deadline)
        : key(std::move(key_)), change(change_), timer(executor, deadline) {}
    RecordKey key;
    std::uint64_t change;
    Timer timer;
    std::optional<std::string> epoch;
    bool settled = false;
  };

  boost::asio::any_io_executor executor_;
  std::list<Waiter> waiters_;
  // A write may be settled before its caller comes to wait, so the last ones are remembered.
  struct Accepted {
    std::uint64_t change;
    std::string epoch;
  };
  std::map<RecordKey, Accepted> recent_;
  std::deque<RecordKey> recent_order_;
};

}  // namespace comem::storage
