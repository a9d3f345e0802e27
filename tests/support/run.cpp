#include "tests/support/run.hpp"

#include <boost/asio/co_spawn.hpp>

#include <doctest/doctest.h>

#include <exception>

namespace comem::testing {

void run(boost::asio::io_context& loop, boost::asio::awaitable<void> test, std::chrono::seconds limit) {
  bool ended = false;
  std::exception_ptr failure;
  auto on_end = [&](std::exception_ptr error) {
    ended = true;
    failure = error;
  };
  boost::asio::co_spawn(loop, std::move(test), on_end);
  loop.restart();
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!loop.stopped() && std::chrono::steady_clock::now() < deadline) loop.run_one_until(deadline);
  if (failure) std::rethrow_exception(failure);
  REQUIRE_MESSAGE(ended, "the coroutine did not end in time");
  CHECK_MESSAGE(loop.stopped(), "the loop did not run dry");
}

}  // namespace comem::testing
