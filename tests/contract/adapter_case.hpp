#pragma once
// How a contract case of the adapter is run: a coroutine over an open adapter, in one world after the other.

#include <optional>
#include <string>
#include <vector>

#include "tests/contract/adapter_worlds.hpp"
#include "tests/support/run.hpp"

namespace comem::testing {

using Strings = std::vector<std::string>;
using Case = awaitable<void> (*)(World&, RedisMemoryAdapter&);

inline awaitable<void> open_and_run(World& world, Case run_case) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(world.options);
  co_await run_case(world, memory);
  co_await memory.close();
}

/// Runs the case in the world, with one io_context that must run dry.
template <class Backend>
void in_world(Case run_case) {
  const auto world = Backend::make();
  if (!world) {
    WARN_MESSAGE(false, "no redis-server is installed: skipped");
    return;
  }
  boost::asio::io_context loop;
  testing::run(loop, open_and_run(*world, run_case));
}

/// The error that a call ends with, if any.
template <class T>
awaitable<std::optional<errc>> error_of(awaitable<T> call) {
  std::optional<errc> code;
  try {
    co_await std::move(call);
  } catch (const Error& error) {
    code = static_cast<errc>(error.code().value());
  }
  co_return code;
}

}  // namespace comem::testing
