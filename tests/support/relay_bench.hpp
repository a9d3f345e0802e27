#pragma once
// Running relay and link tests: a loop that is bounded in time and must run dry, and a listener that
// remembers.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "storage/relay.hpp"

namespace comem::testing {

namespace asio = boost::asio;

/// Runs what `body(executor)` answers; fails when it throws, takes too long or leaves work behind.
template <class Body>
void run_bounded(Body body, std::chrono::seconds limit = std::chrono::seconds(30)) {
  asio::io_context io;
  bool done = false;
  std::exception_ptr failed;
  auto task = body(asio::any_io_executor(io.get_executor()));
  asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error) {
    done = true;
    failed = error;
  });
  io.run_for(limit);
  CHECK_MESSAGE(done, "the test took too long");
  CHECK_MESSAGE(io.stopped(), "the loop did not run dry");
  if (failed) std::rethrow_exception(failed);
}

/// Looks every 2 ms; false when it did not come true within `limit`.
inline asio::awaitable<bool> comes_true(std::function<bool()> condition,
                                        Milliseconds limit = std::chrono::seconds(10)) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) co_return false;
    timer.expires_after(Milliseconds(2));
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return true;
}

class RecordingListener : public storage::RelayListener {
 public:
  void on_relay_state(RelayState state, const std::string& reason) override {
    states.push_back(state);
    reasons.push_back(reason);
  }
  void on_relay_hint(const std::string& ns, storage::Hint hint) override {
    hints.emplace_back(ns, hint.position);
    for (auto& record : hint.records) carried.push_back(std::move(record));
  }

  bool heard(const std::string& ns) const {
    for (const auto& hint : hints)
      if (hint.first == ns) return true;
    return false;
  }

  std::vector<RelayState> states;
  std::vector<std::string> reasons;
  std::vector<std::pair<std::string, storage::Position>> hints;
  std::vector<Record> carried;
};

}  // namespace comem::testing
