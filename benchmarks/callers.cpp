#include "benchmarks/callers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>

namespace comem::bench {
namespace asio = boost::asio;
namespace {

/// What the callers share. All run on one thread.
struct Crowd {
  Crowd(std::size_t n_, Operation operation_, asio::any_io_executor executor)
      : n(n_), operation(std::move(operation_)), done(std::move(executor)) {
    done.expires_at(asio::steady_timer::time_point::max());
  }
  std::size_t n;
  Operation operation;
  std::size_t next = 0;
  std::size_t working = 0;
  std::exception_ptr failure;
  Measurement measured;
  asio::steady_timer done;
};

asio::awaitable<void> work(Crowd* crowd) {
  while (crowd->next < crowd->n && !crowd->failure) {
    const auto number = crowd->next++;
    const auto begin = Steady::now();
    co_await crowd->operation(number);
    crowd->measured.add(ms_between(begin, Steady::now()));
  }
}

}  // namespace

asio::awaitable<Measurement> measure_each(std::size_t n, std::size_t callers, Operation operation) {
  const auto executor = co_await asio::this_coro::executor;
  Crowd crowd(n, std::move(operation), executor);
  crowd.working = std::min(callers, n);
  const auto ended = [&crowd](const std::exception_ptr& failure) {
    if (failure) crowd.failure = failure;
    if (--crowd.working == 0) crowd.done.cancel();
  };
  crowd.measured.start();
  for (std::size_t i = crowd.working; i > 0; --i) asio::co_spawn(executor, work(&crowd), ended);
  while (crowd.working > 0) {
    boost::system::error_code ignored;
    co_await crowd.done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  crowd.measured.stop();
  if (crowd.failure) std::rethrow_exception(crowd.failure);
  co_return std::move(crowd.measured);
}

}  // namespace comem::bench
