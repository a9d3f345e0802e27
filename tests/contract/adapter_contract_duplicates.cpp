// What the adapter promises of memories that say the same, in every world. No case knows its backend.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <set>

#include "tests/contract/adapter_case.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

NewMemory once(const std::string& text) {
  NewMemory memory(text);
  memory.deduplicate();
  return memory;
}

awaitable<void> what_stands_is_answered(World&, RedisMemoryAdapter& memory) {
  const WriteResult first = co_await memory.remember(once("Anna lives in Berlin"));
  CHECK_FALSE(first.duplicate);
  const WriteResult again = co_await memory.remember(once("anna lives, in BERLIN!"));
  CHECK(again.duplicate);
  CHECK_FALSE(again.changed);
  CHECK(again.id == first.id);
  CHECK(again.version == first.version);
  const WriteResult added = co_await memory.remember(NewMemory("Anna lives in Berlin"));
  CHECK_FALSE(added.duplicate);
  CHECK(added.id != first.id);
  const auto stats = co_await memory.stats();
  CHECK(stats.live.at(MemoryType::episodic) == 2);
}

awaitable<void> another_statement_is_added(World&, RedisMemoryAdapter& memory) {
  const Strings texts{"Anna likes tea",          "Anna does not like tea",  "Berta likes tea",
                      "the party is in room 12", "the party is in room 13", "the heating is on",
                      "the heating is off"};
  for (const auto& text : texts) {
    const WriteResult result = co_await memory.remember(once(text));
    CHECK_MESSAGE(!result.duplicate, text);
  }
  const WriteResult by_ben = co_await memory.remember(once("Anna likes tea").author("Ben"));
  CHECK_FALSE(by_ben.duplicate);
  const WriteResult fact = co_await memory.remember(once("Anna likes tea").type(MemoryType::semantic));
  CHECK_FALSE(fact.duplicate);
  NewKnowledge knowledge("Anna likes tea");
  knowledge.deduplicate();
  const WriteResult known = co_await memory.add_semantic(knowledge);
  CHECK(known.duplicate);
  CHECK(known.id == fact.id);
  knowledge.context("at home");
  const WriteResult elsewhere = co_await memory.add_semantic(knowledge);
  CHECK_FALSE(elsewhere.duplicate);
}

awaitable<void> the_dead_do_not_count(World& world, RedisMemoryAdapter& memory) {
  const WriteResult forgotten = co_await memory.remember(once("tea is hot"));
  co_await memory.forget(forgotten.id);
  const WriteResult brief = co_await memory.remember(once("tea is hot").ttl(Milliseconds(1000)));
  CHECK_FALSE(brief.duplicate);
  world.clock.advance(Milliseconds(1000));
  const WriteResult again = co_await memory.remember(once("tea is hot"));
  CHECK_FALSE(again.duplicate);
  const auto found = co_await memory.get(again.id);
  REQUIRE(found);
  auto changed = *found;
  common(changed).content = "tea is cold";
  co_await memory.update(changed);
  const WriteResult hot = co_await memory.remember(once("tea is hot"));
  CHECK_FALSE(hot.duplicate);
}

awaitable<void> what_is_said_again_lives_on(World& world, RedisMemoryAdapter& memory) {
  using std::chrono::hours;
  const WriteResult first = co_await memory.remember(once("tea is hot").ttl(hours(10)));
  world.clock.advance(hours(4));
  WriteResult again = co_await memory.remember(once("tea is hot").ttl(hours(10)));
  CHECK(again.duplicate);
  CHECK_FALSE(again.changed);  // more than half is left
  world.clock.advance(hours(2));
  again = co_await memory.remember(once("tea is hot").ttl(hours(10)));
  CHECK(again.duplicate);
  CHECK(again.changed);
  CHECK(again.id == first.id);
  const auto found = co_await memory.get(first.id);
  REQUIRE(found);
  CHECK(common(*found).expires_at == world.clock.now() + hours(10));
  again = co_await memory.remember(once("tea is hot").ttl(Milliseconds(0)));
  CHECK(again.changed);
  again = co_await memory.remember(once("tea is hot"));
  CHECK_FALSE(again.changed);
}

awaitable<void> ids_and_operations_come_first(World&, RedisMemoryAdapter& memory) {
  const WriteResult first = co_await memory.remember(once("tea is hot").operation("one"));
  const WriteResult second = co_await memory.remember(once("tea is hot").operation("two"));
  CHECK(second.duplicate);
  const WriteResult retried = co_await memory.remember(once("tea is hot").operation("two"));
  CHECK(retried.repeated);
  CHECK(retried.duplicate);
  CHECK(retried.id == first.id);
  const WriteResult retried_first = co_await memory.remember(once("tea is hot").operation("one"));
  CHECK(retried_first.repeated);
  CHECK_FALSE(retried_first.duplicate);
  const WriteResult new_id = co_await memory.remember(once("tea is hot").id("mine"));
  CHECK(new_id.duplicate);
  CHECK(new_id.id == first.id);
  co_await memory.remember(NewMemory("coffee is hot").id("mine"));
  const WriteResult replaced = co_await memory.remember(once("tea is hot").id("mine"));
  CHECK_FALSE(replaced.duplicate);
  CHECK(replaced.id == "mine");
}

awaitable<void> many_at_once_are_told_apart(World&, RedisMemoryAdapter& memory) {
  std::vector<NewMemory> requests;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 200; ++i) requests.push_back(once("the party is in room " + std::to_string(i)));
  const auto results = co_await memory.remember_many(requests);
  REQUIRE(results.size() == 600);
  for (std::size_t i = 0; i < 600; ++i) {
    REQUIRE(results[i].duplicate == (i >= 200));
    REQUIRE(results[i].id == results[i % 200].id);
  }
  const auto stats = co_await memory.stats();
  CHECK(stats.live.at(MemoryType::episodic) == 200);
}

struct Racers {
  explicit Racers(boost::asio::any_io_executor executor) : done(std::move(executor)) {
    done.expires_at(boost::asio::steady_timer::time_point::max());
  }
  int running = 0;
  std::multiset<std::string> ids;
  int added = 0;
  boost::asio::steady_timer done;
};

awaitable<void> race(RedisMemoryAdapter* memory, Racers* racers) {
  const WriteResult result = co_await memory->remember(once("tea is hot"));
  racers->ids.insert(result.id);
  racers->added += result.duplicate ? 0 : 1;
  if (--racers->running == 0) racers->done.cancel();
}

awaitable<void> of_racers_one_adds(World& world, RedisMemoryAdapter& memory) {
  RedisMemoryAdapter other = co_await memory.sibling(world.agent("other"));
  const auto executor = co_await boost::asio::this_coro::executor;
  Racers racers(executor);
  racers.running = 20;
  for (int i = 0; i < 20; ++i) {
    auto task = race(i % 2 == 0 ? &memory : &other, &racers);
    boost::asio::co_spawn(executor, std::move(task), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
  boost::system::error_code ignored;
  co_await racers.done.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  CHECK(racers.added == 1);
  CHECK(racers.ids.size() == 20);
  CHECK(racers.ids.count(*racers.ids.begin()) == 20);
  co_await other.close();
}

awaitable<void> a_bad_similarity_is_told(World&, RedisMemoryAdapter& memory) {
  for (const double similarity : {-0.1, 1.1}) {
    const auto code = co_await error_of(memory.remember(NewMemory("x").deduplicate(similarity)));
    CHECK(code == errc::invalid_argument);
  }
  const WriteResult loose = co_await memory.remember(NewMemory("red green blue").deduplicate(0.5));
  const WriteResult near = co_await memory.remember(NewMemory("red green pink").deduplicate(0.5));
  CHECK(near.id == loose.id);
}

}  // namespace

TEST_CASE_TEMPLATE("what says the same", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("is answered instead of added, where that is asked for") {
    in_world<W>(what_stands_is_answered);
  }
  SUBCASE("differs by a number, a name, a negation, an opposite, its author, type or context") {
    in_world<W>(another_statement_is_added);
  }
  SUBCASE("must be live, and say it still") {
    in_world<W>(the_dead_do_not_count);
  }
  SUBCASE("lives on when it is said again") {
    in_world<W>(what_is_said_again_lives_on);
  }
  SUBCASE("gives way to ids and operations") {
    in_world<W>(ids_and_operations_come_first);
  }
  SUBCASE("is known within one call") {
    in_world<W>(many_at_once_are_told_apart);
  }
  SUBCASE("is added once by many at once") {
    in_world<W>(of_racers_one_adds);
  }
  SUBCASE("is asked for with a similarity above 0") {
    in_world<W>(a_bad_similarity_is_told);
  }
}
