#pragma once
// Many callers on one thread, each with one operation under way, as an agent's coroutines are.

#include <boost/asio/awaitable.hpp>

#include <functional>

#include "benchmarks/measurement.hpp"

namespace comem::bench {

/// The operation of a number. Not a coroutine itself: a capturing lambda that answers a named one's.
using Operation = std::function<boost::asio::awaitable<void>(std::size_t number)>;

/// Runs the operations 0 to n - 1, `callers` of them at a time, and times each. The first failure is thrown
/// once all callers have stopped.
boost::asio::awaitable<Measurement> measure_each(std::size_t n, std::size_t callers, Operation operation);

}  // namespace comem::bench
