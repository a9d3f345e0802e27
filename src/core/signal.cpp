#include "core/signal.hpp"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace comem {

namespace asio = boost::asio;

asio::awaitable<void> Signal::wait(SteadyTime until) {
  const auto place = waiting_.emplace(waiting_.end(), executor_, until);
  const auto token = asio::experimental::as_tuple(asio::use_awaitable);
  co_await place->async_wait(token);
  waiting_.erase(place);
}

void Signal::notify() {
  for (auto& timer : waiting_) timer.cancel();
}

}  // namespace comem
