// Many callers on many threads, several engines on one file, handles that go without a word.

#include <comem/comem.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

#include "tests/contract/adapter_worlds.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using namespace comem::testing;

namespace asio = boost::asio;

namespace {

template <class T>
T wait_for(std::future<T> future) {
  REQUIRE_MESSAGE(future.wait_for(std::chrono::seconds(60)) == std::future_status::ready,
                  "it did not end in time");
  return future.get();
}

awaitable<void> work(RedisMemoryAdapter& memory, int worker, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const std::string id = std::to_string(worker) + "." + std::to_string(i);
    co_await memory.remember(
        NewMemory("worker unique" + std::to_string(worker) + "x" + std::to_string(i)).id(id));
    const auto hits =
        co_await memory.search(Query("unique" + std::to_string(worker) + "x" + std::to_string(i)));
    CHECK(hits.size() == 1);  // its own write, at once
    const auto found = co_await memory.get(id);
    CHECK(found);
    co_await memory.record_skill_execution("shared", i % 2 == 0, Milliseconds(1));
    co_await memory.add_step(NewStep("step " + id));
  }
}

awaitable<RedisMemoryAdapter*> open(Options options, std::optional<RedisMemoryAdapter>& place) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(options);
  place.emplace(std::move(memory));
  co_return &*place;
}

awaitable<void> save_shared_skill(RedisMemoryAdapter& memory) {
  co_await memory.save_skill(NewSkill("shared"));
}

void check_many_callers(World& world) {
  asio::thread_pool pool(4);
  std::optional<RedisMemoryAdapter> memory;
  wait_for(asio::co_spawn(pool, open(world.options, memory), asio::use_future));
  wait_for(asio::co_spawn(pool, save_shared_skill(*memory), asio::use_future));
  std::vector<std::future<void>> workers;
  for (int i = 0; i < 8; ++i) {
    const auto strand = asio::make_strand(pool);
    workers.push_back(asio::co_spawn(strand, work(*memory, i, 10), asio::use_future));
  }
  for (auto& worker : workers) wait_for(std::move(worker));
  const auto skill = wait_for(asio::co_spawn(pool, memory->get_skill("shared"), asio::use_future));
  REQUIRE(skill);
  CHECK(skill->executions == 80);
  CHECK(skill->successes == 40);
  wait_for(asio::co_spawn(pool, memory->close(), asio::use_future));
  pool.join();
}

/// Two engines on one file see each other's writes in search at once, as two processes do.
awaitable<void> two_on_one_file(World& world) {
  RedisMemoryAdapter a = co_await create_memory_adapter(world.options);
  Options other = world.agent("b");
  other.database = world.directory.file("./memory.db");
  other.backend = Backend::redis;  // not shared with a's engine
  other.redis_url = "redis://127.0.0.1:1";
  other.startup_wait = Milliseconds(0);
  RedisMemoryAdapter b = co_await create_memory_adapter(other);
  Subscription stream = co_await b.subscribe();
  for (int i = 0; i < 20; ++i) {
    const std::string word = "w" + std::to_string(i);
    RedisMemoryAdapter& writer = i % 2 == 0 ? a : b;
    RedisMemoryAdapter& reader = i % 2 == 0 ? b : a;
    const WriteResult saved = co_await writer.remember(NewMemory("about " + word));
    const auto hits = co_await reader.search(Query(word));
    REQUIRE_FALSE(hits.empty());  // the neighbours in the session hear the word too
    CHECK(common(hits.front().memory).id == saved.id);
    if (i % 2 != 0) continue;
    const auto change = co_await stream.next();
    REQUIRE(change);
    CHECK(change->id == saved.id);
  }
  const auto sa = co_await a.stats();
  const auto sb = co_await b.stats();
  CHECK(sa.store_id == sb.store_id);
  co_await a.close();
  co_await b.close();
}

awaitable<void> drop_without_close(World& world) {
  {
    RedisMemoryAdapter memory = co_await create_memory_adapter(world.options);
    co_await memory.remember(NewMemory("kept all the same").id("kept"));
  }
  RedisMemoryAdapter again = co_await create_memory_adapter(world.options);
  const auto found = co_await again.get("kept");
  CHECK(found);
  co_await again.close();
}

awaitable<void> wait_for_change(Subscription& stream, bool& answered) {
  co_await stream.next();
  answered = true;
}

awaitable<void> cancel_a_subscriber(World& world) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(world.options);
  Subscription stream = co_await memory.subscribe();
  asio::cancellation_signal signal;
  bool answered = false;
  bool ended = false;
  const auto executor = co_await asio::this_coro::executor;
  auto on_end = [&](std::exception_ptr error) { ended = error != nullptr; };
  asio::co_spawn(executor, wait_for_change(stream, answered),
                 asio::bind_cancellation_slot(signal.slot(), on_end));
  co_await asio::post(executor, asio::use_awaitable);
  co_await asio::post(executor, asio::use_awaitable);
  signal.emit(asio::cancellation_type::terminal);
  co_await memory.get_recent_steps();  // a round through the loop
  CHECK(ended);
  CHECK_FALSE(answered);
  co_await memory.close();
}

/// Every request type as a temporary inside a co_await expression: g++ 12 destroys some kinds of temporaries
/// twice there, so under the address sanitizer this fails if one of ours ever becomes such a kind.
awaitable<void> temporaries(World& world) {
  const std::string text(200, 'x');  // on the heap
  RedisMemoryAdapter memory = co_await create_memory_adapter(world.options);
  co_await memory.add_step(NewStep(text).observation(text).reasoning(text));
  const WriteResult saved =
      co_await memory.save_episode(NewEpisode(text).outcome(text).tag(text).author(text));
  co_await memory.add_semantic(NewKnowledge(text).content(text).context(text));
  co_await memory.save_skill(NewSkill(text).description(text).action(text, R"({"a":1})").precondition(text));
  co_await memory.remember(NewMemory(text).id(text).session(text).extra(R"({"long":"value"})"));
  co_await memory.search(Query(text).by_author(text).in_session(text));
  co_await memory.get_enriched_context(ContextRequest(text).with_token_budget(100));
  co_await memory.consolidate(ConsolidateRequest().apply(false));
  auto episode = co_await memory.get_episode(saved.id);
  co_await memory.update(std::move(*episode));
  co_await memory.close();
}

void in_loop(awaitable<void> (*test)(World&)) {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  testing::run(loop, test(*world));
}

}  // namespace

TEST_CASE("eight callers on four threads, in one store") {
  check_many_callers(*SqliteFile::make());
}
TEST_CASE("eight callers on four threads, in memory") {
  check_many_callers(*SqliteMemory::make());
}
TEST_CASE("eight callers on four threads, shared through Redis") {
  if (const auto world = WithRedis::make()) check_many_callers(*world);
}
TEST_CASE("two engines on one file find each other's writes at once") {
  in_loop(two_on_one_file);
}
TEST_CASE("a handle that is dropped without close keeps what was acknowledged") {
  in_loop(drop_without_close);
}
TEST_CASE("a waiting subscriber can be cancelled") {
  in_loop(cancel_a_subscriber);
}
TEST_CASE("request types survive as temporaries in co_await expressions") {
  in_loop(temporaries);
}
