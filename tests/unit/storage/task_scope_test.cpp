#include "core/task_scope.hpp"

#include <comem/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <doctest/doctest.h>

#include "tests/support/run.hpp"

using namespace comem;

namespace {

boost::asio::awaitable<void> sleep_for_ever(boost::asio::any_io_executor executor, int& ended) {
  struct Ending {
    explicit Ending(int& count_) : count(count_) {}
    ~Ending() { ++count; }
    int& count;
  };
  const Ending ending(ended);
  Signal never(executor);
  for (;;) co_await never.wait();
}

boost::asio::awaitable<void> fail() {
  throw Error(errc::corrupt, "the reason");
  co_return;
}

boost::asio::awaitable<void> cancel_and_join(TaskScope& scope) {
  scope.cancel();
  co_await scope.join();
}

}  // namespace

TEST_CASE("a scope cancels its tasks and waits until they are gone") {
  boost::asio::io_context loop;
  TaskScope scope(loop.get_executor(), [](const std::string&) { FAIL("cancellation is no error"); });
  int ended = 0;
  for (int i = 0; i < 3; ++i) CHECK(scope.spawn(sleep_for_ever(loop.get_executor(), ended)));
  loop.poll();
  CHECK(scope.size() == 3);
  testing::run(loop, cancel_and_join(scope));
  CHECK(ended == 3);
  CHECK(scope.size() == 0);
}

TEST_CASE("a cancelled scope starts nothing any more") {
  boost::asio::io_context loop;
  TaskScope scope(loop.get_executor(), nullptr);
  scope.cancel();
  int ended = 0;
  CHECK_FALSE(scope.spawn(sleep_for_ever(loop.get_executor(), ended)));
  loop.poll();
  CHECK(ended == 0);
}

TEST_CASE("a task that fails is reported and forgotten") {
  boost::asio::io_context loop;
  std::string reported;
  TaskScope scope(loop.get_executor(), [&](const std::string& why) { reported = why; });
  scope.spawn(fail());
  loop.run();
  CHECK(reported == "the reason");
  CHECK(scope.size() == 0);
}

TEST_CASE("a signal wakes all who wait, and a time passes by itself") {
  boost::asio::io_context loop;
  Signal signal(loop.get_executor());
  int woken = 0;
  auto on_end = [&](std::exception_ptr) { ++woken; };
  boost::asio::co_spawn(loop, signal.wait(), on_end);
  boost::asio::co_spawn(loop, signal.wait(std::chrono::steady_clock::now() + std::chrono::hours(1)), on_end);
  boost::asio::co_spawn(loop, signal.wait(std::chrono::steady_clock::now()), on_end);
  loop.run_for(std::chrono::milliseconds(1));
  CHECK(woken == 1);
  signal.notify();
  loop.restart();
  loop.run_for(std::chrono::seconds(10));
  CHECK(woken == 3);
}
