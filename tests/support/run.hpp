#pragma once
// Runs a coroutine of a test to its end, bounded in time.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <chrono>

namespace comem::testing {

/// Fails the test when the coroutine throws, does not end within `limit`, or leaves work behind in the loop.
void run(boost::asio::io_context& loop, boost::asio::awaitable<void> test,
         std::chrono::seconds limit = std::chrono::seconds(60));

}  // namespace comem::testing
