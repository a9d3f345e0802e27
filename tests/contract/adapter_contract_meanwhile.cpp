// What the adapter promises when others write while it is at work.

#include <functional>
#include <thread>

#include "adapters/sqlite/sqlite_store.hpp"
#include "api/searching.hpp"
#include "memory/codec.hpp"
#include "storage/merge.hpp"
#include "tests/contract/adapter_case.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

/// Tells this thread's callers the time of another clock, and before the `after`-th answer does something.
class BusyClock final : public Clock {
 public:
  explicit BusyClock(const Clock& clock) : clock_(clock) {}
  TimePoint now() const override {
    if (std::this_thread::get_id() == thread_ && what_ && --answers_ == 0) {
      const auto what = std::move(what_);
      what_ = nullptr;
      what();
    }
    return clock_.now();
  }
  SteadyTime steady() const override { return clock_.steady(); }
  void before_answer(int after, std::function<void()> what) {
    answers_ = after;
    what_ = std::move(what);
  }
  bool done() const { return !what_; }

 private:
  const Clock& clock_;
  const std::thread::id thread_ = std::this_thread::get_id();
  mutable int answers_ = 0;
  mutable std::function<void()> what_;
};

/// Consolidates, with `meanwhile` run between the reading and the first write.
awaitable<ConsolidateReport> disturbed(BusyClock& clock, RedisMemoryAdapter& memory,
                                       awaitable<void> (*meanwhile)(RedisMemoryAdapter&)) {
  clock.before_answer(2, [&memory, meanwhile] {  // the first is for the plan
    boost::asio::io_context loop;
    testing::run(loop, meanwhile(memory));
  });
  ConsolidateRequest request;
  request.apply();
  const auto report = co_await memory.consolidate(request);
  CHECK(clock.done());
  co_return report;
}

/// Three near-duplicates; the newest, "kept", takes over a tag.
awaitable<void> save_duplicates(World& world, RedisMemoryAdapter& memory) {
  for (const char* id : {"first", "second", "kept"}) {
    NewMemory request("the harbour was empty in the morning");
    request.id(id).tag(id);
    co_await memory.remember(request);
    world.clock.advance(Milliseconds(1000));
  }
}

awaitable<void> reword(RedisMemoryAdapter& memory, std::string id) {
  auto episode = co_await memory.get_episode(id);
  REQUIRE(episode);
  episode->content = "quite another story";
  co_await memory.update(*episode);
}

awaitable<void> reword_second(RedisMemoryAdapter& memory) {
  co_await reword(memory, "second");
}

awaitable<void> reword_kept(RedisMemoryAdapter& memory) {
  co_await reword(memory, "kept");
}

awaitable<void> forget_kept(RedisMemoryAdapter& memory) {
  co_await memory.forget("kept");
}

awaitable<void> reword_all(RedisMemoryAdapter& memory) {
  for (const char* id : {"first", "second"}) co_await reword(memory, id);
}

awaitable<void> a_duplicate_changes(World& world, RedisMemoryAdapter& memory, BusyClock& clock) {
  co_await save_duplicates(world, memory);
  const auto report = co_await disturbed(clock, memory, reword_second);
  const auto second = co_await memory.get_episode("second");
  REQUIRE(second);
  CHECK(second->content == "quite another story");
  const auto first = co_await memory.get_episode("first");
  CHECK_FALSE(first);
  REQUIRE(report.actions.size() == 1);
  CHECK(report.actions[0].memory_ids == Strings{"kept", "first"});
}

awaitable<void> the_kept_one_changes(World& world, RedisMemoryAdapter& memory, BusyClock& clock) {
  co_await save_duplicates(world, memory);
  const auto report = co_await disturbed(clock, memory, reword_kept);
  const auto kept = co_await memory.get_episode("kept");
  REQUIRE(kept);
  CHECK(kept->content == "quite another story");
  const auto first = co_await memory.get_episode("first");
  CHECK(first);
  CHECK(report.actions.empty());
}

awaitable<void> the_kept_one_goes(World& world, RedisMemoryAdapter& memory, BusyClock& clock) {
  co_await save_duplicates(world, memory);
  co_await disturbed(clock, memory, forget_kept);
  const auto kept = co_await memory.get_episode("kept");
  CHECK_FALSE(kept);
  const auto second = co_await memory.get_episode("second");
  CHECK(second);
}

awaitable<void> decaying_ones_change(World& world, RedisMemoryAdapter& memory, BusyClock& clock) {
  for (const char* text : {"first", "second", "third"}) {
    NewMemory request(std::string("a note of no importance, the ") + text);
    request.id(text).session(text).importance(0.1);
    co_await memory.remember(request);
  }
  world.clock.advance(std::chrono::hours(24 * 20));
  const auto report = co_await disturbed(clock, memory, reword_all);
  for (const char* id : {"first", "second"}) {
    const auto found = co_await memory.get(id);
    CHECK(found);
  }
  const auto third = co_await memory.get("third");
  CHECK_FALSE(third);
  REQUIRE(report.actions.size() == 1);
  CHECK(report.actions[0].memory_ids == Strings{"third"});
}

using Disturbance = awaitable<void> (*)(World&, RedisMemoryAdapter&, BusyClock&);

awaitable<void> open_and_disturb(World& world, BusyClock& clock, Disturbance run_case) {
  Options options = world.options;
  options.clock = &clock;
  RedisMemoryAdapter memory = co_await create_memory_adapter(options);
  co_await run_case(world, memory, clock);
  co_await memory.close();
}

void while_disturbed(Disturbance run_case) {
  const auto world = SqliteFile::make();
  BusyClock clock(world->clock);
  boost::asio::io_context loop;
  testing::run(loop, open_and_disturb(*world, clock, run_case));
}

// --- a search behind the index

const std::string ns = "n";

awaitable<void> put_note(storage::Store& store, std::string id, std::string text, TimePoint at) {
  Episode episode;
  episode.id = std::move(id);
  episode.content = std::move(text);
  episode.time = at;
  const Record record = memory::to_record(ns, episode, "agent", at, 1u << 20);
  storage::WriteFunction write = [record](storage::WriteTransaction& tx) {
    storage::put_local(tx, record, std::nullopt);
  };
  co_await store.write(std::move(write), storage::Durability::process);
}

/// Better matches than there are already; the index learns of them.
awaitable<void> write_better_notes(storage::Store& store, storage::IndexView& index, int count,
                                   TimePoint at) {
  for (int i = 0; i < count; ++i) co_await put_note(store, "new" + std::to_string(i), "tea", at);
  storage::ReadFunction read = [&index, at](storage::ReadTransaction& tx) { index.refresh(tx, at); };
  co_await store.read(std::move(read));
}

awaitable<void> search_behind_the_index(storage::Store& store, storage::IndexView& index, TimePoint at) {
  co_await put_note(store, "old1", "tea and a long tale of many other things", at);
  co_await put_note(store, "old2", "tea and an even longer tale of many more and quite other things", at);
  std::vector<Hit<AnyMemory>> one, both;
  storage::ReadFunction read = [&store, &index, &one, &both, at](storage::ReadTransaction& tx) {
    CHECK(tx.last_change() > 0);  // from here on the transaction sees nothing new
    boost::asio::io_context loop;
    testing::run(loop, write_better_notes(store, index, 5, at));
    Options options;
    options.ns = ns;
    one = search_in(tx, index, Query("tea").with_limit(1), options, at);
    both = search_in(tx, index, Query("tea").with_limit(4), options, at);
  };
  co_await store.read(std::move(read));
  REQUIRE(one.size() == 1);
  CHECK(common(one[0].memory).id == "old1");
  REQUIRE(both.size() == 2);
  CHECK(common(both[1].memory).id == "old2");
}

// --- more changes at once than one page

std::size_t found_by(storage::ReadTransaction& tx, storage::IndexView& index, const char* word,
                     TimePoint at) {
  return index.search(tx, Query(word).with_limit(10'000), {}, at).size();
}

awaitable<void> write_many(storage::Store& store, int first, int end, std::string word, TimePoint at) {
  storage::WriteFunction write = [first, end, word, at](storage::WriteTransaction& tx) {
    for (int i = first; i < end; ++i) {
      Episode episode;
      episode.id = std::to_string(i);
      episode.content = word;
      episode.session = "s" + std::to_string(i / 20);
      episode.time = at;
      storage::put_local(tx, memory::to_record(ns, episode, "agent", at, 1u << 20), std::nullopt);
    }
  };
  co_await store.write(std::move(write), storage::Durability::process);
}

awaitable<void> read_many_changes(storage::Store& store, storage::IndexView& index, TimePoint at) {
  co_await write_many(store, 0, 3500, "coffee", at);
  storage::ReadFunction all_coffee = [&index, at](storage::ReadTransaction& tx) {
    CHECK(found_by(tx, index, "coffee", at) == 3500);
    CHECK(index.documents() == 3500);
  };
  co_await store.read(std::move(all_coffee));
  co_await write_many(store, 1000, 3000, "cocoa", at);  // others in their place
  storage::ReadFunction both = [&index, at](storage::ReadTransaction& tx) {
    CHECK(found_by(tx, index, "cocoa", at) == 2000);
    CHECK(found_by(tx, index, "coffee", at) == 1500);
    CHECK(index.documents() == 3500);
  };
  co_await store.read(std::move(both));
}

awaitable<void> end_early(storage::Store& store, storage::IndexView& index, TimePoint at) {
  co_await write_many(store, 0, 3500, "coffee", at);
  storage::ReadFunction refresh = [&index, at](storage::ReadTransaction& tx) { index.refresh(tx, at); };
  co_await store.read(std::move(refresh));
  co_await write_many(store, 0, 3000, "cocoa", at);
  index.stop();
  storage::ReadFunction stopped = [&index, at](storage::ReadTransaction& tx) {
    CHECK_THROWS_AS(index.refresh(tx, at), Error);
    CHECK(index.documents() == 3500);
    CHECK_FALSE(index.sharing("coffee", 1, MemoryType::episodic, at).empty());
  };
  co_await store.read(std::move(stopped));
}

using IndexCase = awaitable<void> (*)(storage::Store&, storage::IndexView&, TimePoint);

void with_index(IndexCase run_case) {
  const TemporaryDirectory directory;
  const FakeWallClock clock;
  sqlite::SqliteOptions options;
  options.path = directory.file("memory.db");
  options.clock = &clock;
  const auto store = sqlite::open_sqlite_store(options);
  storage::IndexView index(ns, *store);
  boost::asio::io_context loop;
  testing::run(loop, run_case(*store, index, clock.now()));
  store->close();
}

}  // namespace

TEST_CASE("consolidation, when memories change between its plan and its writes") {
  SUBCASE("does not forget a duplicate that was reworded") {
    while_disturbed(a_duplicate_changes);
  }
  SUBCASE("does not overwrite the kept one, nor forget for it") {
    while_disturbed(the_kept_one_changes);
  }
  SUBCASE("does not fail because the kept one is gone, nor forget the others") {
    while_disturbed(the_kept_one_goes);
  }
  SUBCASE("does not let go what was reworded") {
    while_disturbed(decaying_ones_change);
  }
}

TEST_CASE("a search finds what its snapshot has when the index is already further") {
  with_index(search_behind_the_index);
}

TEST_CASE("changes by the thousand are read by several threads, and replace what they change") {
  with_index(read_many_changes);
}

TEST_CASE("where reading changes by the thousand ends early, the index is as it was") {
  with_index(end_early);
}
