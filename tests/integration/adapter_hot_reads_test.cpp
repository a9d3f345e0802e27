// What was read lately is answered without asking the store, and never when it has changed since, whoever
// changed it.

#include <comem/comem.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <doctest/doctest.h>

#include "memory/codec.hpp"
#include "tests/contract/adapter_worlds.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/run.hpp"

namespace comem::testing {
namespace {

namespace asio = boost::asio;

/// Whether the call was answered without letting anybody else of this loop run, so without another thread.
awaitable<bool> is_hot(RedisMemoryAdapter& memory, std::string id) {
  const auto executor = co_await asio::this_coro::executor;
  const auto others_ran = std::make_shared<bool>(false);
  asio::post(executor, [others_ran] { *others_ran = true; });
  const auto found = co_await memory.get(std::move(id));
  co_return found && !*others_ran;
}

awaitable<std::string> content(RedisMemoryAdapter& memory, std::string id) {
  const auto found = co_await memory.get(std::move(id));
  co_return found ? common(*found).content : "nothing";
}

/// Another process' store on the same file, as far as the first one can tell.
class Neighbour {
 public:
  explicit Neighbour(const Options& options) : store_(open_file(options.database)), ns_(options.ns) {}

  awaitable<void> rewrite(std::string id, std::string text) {
    storage::WriteFunction write = [this, id, text](storage::WriteTransaction& tx) {
      auto held = tx.get(RecordKey(ns_, MemoryType::episodic, id));
      REQUIRE(held);
      auto memory = memory::memory_from_record(*held);
      common(memory).content = text;
      Record record = memory::to_record(ns_, memory, "neighbour", held->created_at, 1024);
      record.version = tx.stamp(held->version);
      tx.put(record, false);
    };
    co_await store_->write(std::move(write), storage::Durability::process);
  }

  /// Commits without a change to any memory.
  awaitable<void> commit() {
    storage::WriteFunction write = [this](storage::WriteTransaction& tx) {
      tx.set_in_step_at(ns_, TimePoint(Milliseconds(++step_)));
    };
    co_await store_->write(std::move(write), storage::Durability::process);
  }

 private:
  std::unique_ptr<sqlite::SqliteStore> store_;
  std::string ns_;
  int step_ = 0;
};

awaitable<void> check_neighbours(World& world) {
  auto memory = co_await create_memory_adapter(world.options);
  co_await memory.remember(NewMemory("one").id("a"));
  CHECK_FALSE(co_await is_hot(memory, "a"));
  CHECK(co_await is_hot(memory, "a"));
  Neighbour neighbour(world.options);
  for (int i = 0; i < 50; ++i) {
    const std::string text = "text " + std::to_string(i);
    co_await neighbour.rewrite("a", text);
    CHECK(co_await content(memory, "a") == text);
    CHECK(co_await is_hot(memory, "a"));
  }
  co_await neighbour.commit();
  CHECK_FALSE(co_await is_hot(memory, "a"));
  co_await memory.close();
}

TEST_CASE("hot reads: what another store on the file has written is seen at once") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  run(loop, check_neighbours(*world));
}

awaitable<void> check_own_writes(World& world) {
  auto memory = co_await create_memory_adapter(world.options);
  co_await memory.remember(NewMemory("one").id("a"));
  co_await memory.remember(NewMemory("two").id("b"));
  co_await memory.save_skill(NewSkill("walk"));
  CHECK(co_await content(memory, "a") == "one");
  CHECK(co_await content(memory, "b") == "two");
  co_await memory.get_skill("walk");

  auto b = co_await memory.get("b");
  common(*b).content = "three";
  AnyMemory next = *b;
  co_await memory.update(std::move(next));
  CHECK(co_await content(memory, "b") == "three");
  CHECK(co_await is_hot(memory, "a"));  // which a write of our own to another memory leaves alone
  co_await memory.forget("a");
  CHECK(co_await content(memory, "a") == "nothing");

  co_await memory.record_skill_execution("walk", true, Milliseconds(5));
  const auto walk = co_await memory.get_skill("walk");
  REQUIRE(walk);
  CHECK(walk->executions == 1);  // counting is quiet: it gives the record no new change number
  co_await memory.close();
}

TEST_CASE("hot reads: own writes, counts and deletions are seen, and what they do not touch stays hot") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  run(loop, check_own_writes(*world));
}

awaitable<void> check_many(World& world) {
  auto memory = co_await create_memory_adapter(world.options);
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back("m" + std::to_string(i));
    co_await memory.remember(NewMemory("memory " + ids.back()).id(ids.back()));
  }
  Neighbour neighbour(world.options);
  for (int round = 0; round < 3; ++round) {
    const auto found = co_await memory.get_many(ids);
    REQUIRE(found.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      REQUIRE(found[i]);
      CHECK(common(*found[i]).id == ids[i]);
      CHECK(common(*found[i]).content == (round == 2 && i == 7 ? "changed" : "memory " + ids[i]));
    }
    if (round == 1) co_await neighbour.rewrite("m7", "changed");
  }
  ids.push_back("nobody");
  const auto with_a_gap = co_await memory.get_many(ids);
  CHECK_FALSE(with_a_gap.back());
  CHECK(with_a_gap.front());
  co_await memory.close();
}

TEST_CASE("hot reads: many at once are of one moment") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  run(loop, check_many(*world));
}

awaitable<void> check_expiry(World& world) {
  auto memory = co_await create_memory_adapter(world.options);
  co_await memory.remember(NewMemory("soon gone").id("a").ttl(std::chrono::seconds(10)));
  co_await content(memory, "a");
  CHECK(co_await is_hot(memory, "a"));
  world.clock.advance(std::chrono::seconds(11));
  CHECK(co_await content(memory, "a") == "nothing");
  co_await memory.close();
}

TEST_CASE("hot reads: a memory that expires is gone") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  run(loop, check_expiry(*world));
}

awaitable<void> check_reads_at_close(World& world) {
  auto memory = co_await create_memory_adapter(world.options);
  co_await memory.remember(NewMemory("old").id("a").importance(0.1));
  for (int i = 0; i < 3; ++i) co_await memory.get("a");
  co_await memory.close();
  auto later = co_await create_memory_adapter(world.options);
  const auto found = co_await later.get("a");
  REQUIRE(found);
  CHECK(common(*found).access_count == 3);
  co_await later.close();
}

TEST_CASE("reads used to be lost when a store without Redis was closed") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  run(loop, check_reads_at_close(*world));
}

awaitable<void> check_reads_before_consolidation(World& world) {
  auto memory = co_await create_memory_adapter(world.options);
  co_await memory.remember(NewMemory("read today").id("a").importance(0.1).ttl(Milliseconds(0)));
  co_await memory.remember(NewMemory("left alone").id("b").importance(0.1).ttl(Milliseconds(0)));
  world.clock.advance(std::chrono::hours(24 * 20));
  co_await memory.get("a");
  const auto report = co_await memory.consolidate(ConsolidateRequest());
  REQUIRE(report.actions.size() == 1);
  CHECK(report.actions[0].memory_ids == std::vector<std::string>{"b"});
  co_await memory.close();
}

TEST_CASE("consolidation used to call unused what had just been read") {
  const auto world = SqliteFile::make();
  asio::io_context loop;
  run(loop, check_reads_before_consolidation(*world));
}

}  // namespace
}  // namespace comem::testing
