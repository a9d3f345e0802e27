// What the adapter promises of retries, digests and health, in every world.

#include <comem/adapter.hpp>
#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "tests/contract/adapter_case.hpp"

namespace comem::testing {
namespace {

awaitable<void> operations_are_carried_out_once(World& world, RedisMemoryAdapter& memory) {
  NewMemory request = NewMemory("the first").id("m").operation("op 1");
  const WriteResult first = co_await memory.remember(request);
  CHECK(first.changed);
  CHECK_FALSE(first.repeated);
  // Somebody else goes on; then the first call is repeated, since its caller never heard the answer.
  NewMemory second = NewMemory("the second").id("m").operation("op 3");
  const WriteResult over = co_await memory.remember(second);
  CHECK(over.replaced);
  const WriteResult again = co_await memory.remember(request);
  CHECK(again.repeated);
  CHECK_FALSE(again.replaced);
  const WriteResult over_again = co_await memory.remember(second);
  CHECK(over_again.repeated);
  CHECK(over_again.replaced);
  CHECK(again.id == first.id);
  CHECK(again.version == first.version);
  const auto kept = co_await memory.get("m");
  REQUIRE(kept.has_value());
  CHECK(common(*kept).content == "the second");

  // Without an id of its own, a repetition makes no second memory.
  NewMemory anonymous = NewMemory("found once").operation("op 2");
  const WriteResult made = co_await memory.remember(anonymous);
  const WriteResult repeated = co_await memory.remember(anonymous);
  CHECK(made.id == repeated.id);
  auto stats = co_await memory.stats();
  CHECK(stats.live[MemoryType::episodic] == 2);

  // Ids belong to a namespace, and any bytes will do.
  Options elsewhere = world.agent("other");
  elsewhere.ns = world.options.ns + "2";
  RedisMemoryAdapter other = co_await memory.sibling(std::move(elsewhere));
  const WriteResult there = co_await other.remember(request);
  CHECK_FALSE(there.repeated);
  co_await other.close();
  NewMemory odd = NewMemory("odd").operation(std::string("\0\xff ", 3));
  co_await memory.remember(odd);
  const WriteResult odd_again = co_await memory.remember(odd);
  CHECK(odd_again.repeated);
  const auto code = co_await error_of(memory.remember(NewMemory("x").operation(std::string(257, 'x'))));
  CHECK(code == errc::invalid_argument);
}

awaitable<void> counts_are_counted_once(World&, RedisMemoryAdapter& memory) {
  co_await memory.save_skill(NewSkill("deploy").description("deploys"));
  for (int i = 0; i < 3; ++i) {
    WriteOptions options;
    options.operation("run 1");
    co_await memory.record_skill_execution("deploy", true, Milliseconds(5), options);
  }
  const auto skill = co_await memory.get_skill("deploy");
  REQUIRE(skill.has_value());
  CHECK(skill->executions == 1);

  const WriteResult fact = co_await memory.add_semantic(NewKnowledge("tests pass"));
  for (int i = 0; i < 2; ++i) {
    WriteOptions options;
    options.operation("seen");
    co_await memory.validate_semantic(fact.id, options);
  }
  const auto known = co_await memory.get_semantic(fact.id);
  REQUIRE(known.has_value());
  CHECK(known->validations == 1);

  // What failed was not carried out, so its id is free.
  WriteOptions early;
  early.operation("early");
  const auto missing =
      co_await error_of(memory.record_skill_execution("later", true, Milliseconds(1), early));
  CHECK(missing == errc::not_found);
  co_await memory.save_skill(NewSkill("later").description("made later"));
  const WriteResult counted = co_await memory.record_skill_execution("later", true, Milliseconds(1), early);
  CHECK_FALSE(counted.repeated);

  WriteOptions once;
  once.operation("gone");
  const WriteResult gone = co_await memory.forget(fact.id, once);
  CHECK(gone.changed);
  const WriteResult gone_again = co_await memory.forget(fact.id, once);
  CHECK(gone_again.repeated);
  CHECK(gone_again.changed);
}

awaitable<void> a_repeated_episode_leaves_later_steps_alone(World&, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("search").observation("found"));
  NewEpisode episode = NewEpisode("find it").operation("episode 1");
  const WriteResult first = co_await memory.save_episode(episode);
  co_await memory.add_step(NewStep("of the next task"));
  const WriteResult again = co_await memory.save_episode(episode);
  CHECK(again.repeated);
  CHECK(again.id == first.id);
  const auto steps = co_await memory.get_recent_steps();
  CHECK(steps.size() == 1);
  const auto saved = co_await memory.get_episode(first.id);
  REQUIRE(saved.has_value());
  CHECK(saved->steps.size() == 1);
}

awaitable<void> a_clock_set_back_shortens_no_life(World& world, RedisMemoryAdapter& memory) {
  co_await memory.remember(NewMemory("one").id("m").ttl(std::chrono::hours(1)));
  const auto first = co_await memory.get("m");
  REQUIRE(first.has_value());
  world.clock.advance(Milliseconds(-7'200'000));
  co_await memory.remember(NewMemory("two").id("m").ttl(std::chrono::hours(1)));
  const auto second = co_await memory.get("m");
  REQUIRE(second.has_value());
  CHECK(common(*second).expires_at >= common(*first).expires_at);
}

awaitable<void> digests_agree(World& world, RedisMemoryAdapter& memory) {
  co_await memory.remember(NewMemory("one"));
  co_await memory.remember(NewMemory("two").id("2"));
  co_await memory.forget("2");
  co_await memory.add_semantic(NewKnowledge("three"));
  const DigestReport report = co_await memory.digest(std::chrono::seconds(10));
  CHECK(report.ns == world.options.ns);
  CHECK(report.store.records() >= 2);
  CHECK(report.store.types.at(MemoryType::episodic).records == 1);  // what was forgotten does not count
  if (world.linked) {
    CHECK_MESSAGE(report.equal(), report.reason);
  } else {
    CHECK_FALSE(report.redis.has_value());
    CHECK_FALSE(report.reason.empty());
  }
  const auto before = report.store.hash();
  co_await memory.remember(NewMemory("four"));
  const DigestReport later = co_await memory.digest();
  CHECK(later.store.hash() != before);
  const RepairReport repaired = co_await memory.repair();
  CHECK(repaired.rewritten == 0);
  CHECK(repaired.after.equal() == (world.linked));
}

awaitable<void> health_is_told(World& world, RedisMemoryAdapter& memory) {
  HealthWatch watch = memory.watch_health();
  auto health = co_await watch.next();
  REQUIRE(health.has_value());
  if (world.options.backend == Backend::sqlite) {
    CHECK(health->state == RelayState::off);
  } else {
    const RelayState wanted = world.linked ? RelayState::up : RelayState::down;
    while (health && health->state != wanted) health = co_await watch.next();
    REQUIRE(health.has_value());
    CHECK(health->reason.empty() == (wanted == RelayState::up));
    const Stats stats = co_await memory.stats();
    CHECK(stats.relay.reason == health->reason);
  }
  watch.close();
  const auto end = co_await watch.next();
  CHECK_FALSE(end.has_value());
}

}  // namespace

TEST_CASE_TEMPLATE("the adapter's promises", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("an operation is carried out once") {
    in_world<W>(operations_are_carried_out_once);
  }
  SUBCASE("a count is counted once") {
    in_world<W>(counts_are_counted_once);
  }
  SUBCASE("a repeated episode leaves later steps alone") {
    in_world<W>(a_repeated_episode_leaves_later_steps_alone);
  }
  SUBCASE("a clock set back shortens no life") {
    in_world<W>(a_clock_set_back_shortens_no_life);
  }
  SUBCASE("digests agree") {
    in_world<W>(digests_agree);
  }
  SUBCASE("health is told") {
    in_world<W>(health_is_told);
  }
}

}  // namespace comem::testing
