#include "storage/share_waiters.hpp"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace comem::storage {

namespace asio = boost::asio;

namespace {
constexpr std::size_t remembered = 4096;
}

asio::awaitable<std::optional<std::string>> ShareWaiters::wait(RecordKey key, std::uint64_t change,
                                                               SteadyTime deadline) {
  const auto known = recent_.find(key);
  if (known != recent_.end() && known->second.change >= change) co_return known->second.epoch;
  const auto place = waiters_.emplace(waiters_.end(), std::move(key), change, executor_, deadline);
  const auto token = asio::experimental::as_tuple(asio::use_awaitable);
  co_await place->timer.async_wait(token);
  std::optional<std::string> epoch = std::move(place->epoch);
  waiters_.erase(place);
  co_return epoch;
}

void ShareWaiters::settle(const RecordKey& key, std::uint64_t change,
                          const std::optional<std::string>& epoch) {
  for (auto& waiter : waiters_) {
    if (waiter.settled || waiter.change > change || waiter.key != key) continue;
    waiter.settled = true;
    waiter.epoch = epoch;
    waiter.timer.cancel();
  }
  if (!epoch) return;
  const auto [place, fresh] = recent_.try_emplace(key, Accepted{change, *epoch});
  if (!fresh) {
    if (change >= place->second.change) place->second = Accepted{change, *epoch};
    return;
  }
  recent_order_.push_back(key);
  if (recent_order_.size() > remembered) {
    recent_.erase(recent_order_.front());
    recent_order_.pop_front();
  }
}

void ShareWaiters::give_up() {
  for (auto& waiter : waiters_) waiter.timer.cancel();
}

}  // namespace comem::storage
