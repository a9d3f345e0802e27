// Callers and handles that go away in the middle of something.

#include <comem/comem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <vector>

#include "tests/contract/adapter_worlds.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using namespace comem::testing;

namespace asio = boost::asio;

namespace {

using Call = awaitable<void> (*)(RedisMemoryAdapter&);

awaitable<void> open(Options options, std::optional<RedisMemoryAdapter>& place) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(options);
  place.emplace(std::move(memory));
}

awaitable<void> use_and_close(RedisMemoryAdapter& memory) {
  const WriteResult saved = co_await memory.remember(NewMemory("all the same"));
  const auto found = co_await memory.get(saved.id);
  CHECK(found);
  co_await memory.close();
}

/// Begins a call on a loop of its own and destroys the loop while the call waits; then the store must be as
/// before.
void abandon(Call call) {
  const auto world = RedisAway::make();
  world->options.share_deadline = std::chrono::seconds(1);
  asio::io_context keeper;
  std::optional<RedisMemoryAdapter> memory;
  testing::run(keeper, open(world->options, memory));
  for (const int steps : {1, 2, 5, 50}) {
    asio::io_context loop;
    auto on_end = [](std::exception_ptr) {};
    asio::co_spawn(loop, call(*memory), on_end);
    for (int i = 0; i < steps; ++i) loop.run_one_for(Milliseconds(1));
  }
  testing::run(keeper, use_and_close(*memory));
}

awaitable<void> flush(RedisMemoryAdapter& memory) {
  co_await memory.flush(std::chrono::seconds(1));
}

awaitable<void> save_shared(RedisMemoryAdapter& memory) {
  co_await memory.remember(NewMemory("shared").level(Level::shared));
}

awaitable<void> listen(RedisMemoryAdapter& memory) {
  Subscription stream = co_await memory.subscribe();
  co_await stream.next();
}

awaitable<void> ask_for_stats(RedisMemoryAdapter& memory) {
  co_await memory.stats();
  co_await memory.diagnose();
}

awaitable<void> hear_to_the_end(Subscription& stream, bool& ended) {
  const auto change = co_await stream.next();
  CHECK_FALSE(change);
  ended = true;
}

awaitable<void> drop_while_listening(World& world, bool& ended) {
  std::optional<RedisMemoryAdapter> memory;
  co_await open(world.options, memory);
  Subscription stream = co_await memory->subscribe();
  const auto executor = co_await asio::this_coro::executor;
  auto on_end = [](std::exception_ptr error) { CHECK_FALSE(error); };
  asio::co_spawn(executor, hear_to_the_end(stream, ended), on_end);
  asio::steady_timer timer(executor, Milliseconds(1));
  co_await timer.async_wait(asio::use_awaitable);
  memory.reset();
  while (!ended) {
    timer.expires_after(Milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

awaitable<void> say_the_same_twice(World& world) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(world.options);
  for (int i = 0; i < 2; ++i) {
    const WriteResult saved = co_await memory.remember(NewMemory("x").id("1").level(Level::shared));
    CHECK(saved.outcome == Outcome::pending);
    CHECK(saved.changed == (i == 0));
  }
  co_await memory.close();
}

awaitable<void> begin_with_nothing(World& world) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(world.options);
  co_await memory.remember_many({});
  co_await memory.remember(NewMemory("in the first session"));
  co_await memory.rotate_session();
  const auto history = co_await memory.get_session_history();
  CHECK(history.size() == 2);
  co_await memory.close();
}

}  // namespace

TEST_CASE("a caller's loop may end while it waits in flush") {
  abandon(flush);
}
TEST_CASE("a caller's loop may end while it waits for a shared write") {
  abandon(save_shared);
}
TEST_CASE("a caller's loop may end while it listens") {
  abandon(listen);
}
TEST_CASE("a caller's loop may end while it asks for stats") {
  abandon(ask_for_stats);
}

TEST_CASE("a caller's loop may end while an adapter is being made") {
  // What was begun is finished behind the caller's back, so its clock must live on until a later opening is
  // answered.
  std::vector<std::unique_ptr<World>> worlds;
  for (const int steps : {1, 2, 5}) {
    worlds.push_back(RedisAway::make());
    std::optional<RedisMemoryAdapter> memory;
    asio::io_context loop;
    auto on_end = [](std::exception_ptr) {};
    asio::co_spawn(loop, open(worlds.back()->options, memory), on_end);
    for (int i = 0; i < steps; ++i) loop.run_one_for(Milliseconds(1));
  }
  worlds.push_back(RedisAway::make());
  asio::io_context keeper;
  std::optional<RedisMemoryAdapter> memory;
  testing::run(keeper, open(worlds.back()->options, memory));
  testing::run(keeper, use_and_close(*memory));
}

TEST_CASE("dropping the last adapter without close ends its subscriptions") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  bool ended = false;
  testing::run(loop, drop_while_listening(*world, ended), std::chrono::seconds(20));
  CHECK(ended);
}

TEST_CASE("saying the same again is not taken for shared") {
  const auto world = RedisAway::make();
  asio::io_context loop;
  testing::run(loop, say_the_same_twice(*world));
}

TEST_CASE("an empty bulk write does not break the chain of sessions") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  testing::run(loop, begin_with_nothing(*world));
}
