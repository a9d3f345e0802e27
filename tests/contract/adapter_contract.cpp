// What the adapter promises of itself as a whole, in every world. No case knows its backend.

#include "tests/contract/adapter_case.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

awaitable<void> search_all_and_context(World&, RedisMemoryAdapter& memory) {
  co_await memory.save_episode(NewEpisode("bake bread").outcome("crusty"));
  co_await memory.add_semantic(NewKnowledge("bread needs yeast"));
  co_await memory.save_skill(NewSkill("baking").description("how to bake bread").action("knead"));
  co_await memory.add_step(NewStep("preheat").observation("oven is hot"));
  const AllHits hits = co_await memory.search_all(Query("bread"));
  CHECK(hits.episodic.size() == 1);
  CHECK(hits.semantic.size() == 1);
  CHECK(hits.skills.size() == 1);
  const auto mixed = co_await memory.search(Query("bread"));
  CHECK(mixed.size() == 3);
  const Context context = co_await memory.get_enriched_context(ContextRequest("bread"));
  CHECK(context.text.find("preheat") != std::string::npos);
  CHECK(context.text.find("yeast") != std::string::npos);
  CHECK(context.memory_ids.size() == 3);
  const Context brief = co_await memory.get_enriched_context(ContextRequest("bread").with_token_budget(40));
  CHECK(brief.tokens <= 40);
  CHECK(brief.text.size() <= 160);
}

awaitable<void> a_context_says_each_thing_once(World& world, RedisMemoryAdapter& memory) {
  const auto add = [&](const char* id, const char* text) {
    world.clock.advance(std::chrono::minutes(1));
    return memory.remember(NewMemory(text).id(id).type(MemoryType::semantic));
  };
  co_await add("first", "Anna works in Berlin");
  co_await add("again", "Anna is working in Berlin.");
  co_await add("moved", "Anna works in Paris");
  co_await add("tea", "Anna drinks tea in the morning");
  const AllHits hits = co_await memory.search_all(Query("where does Anna work").with_limit(2));
  REQUIRE(hits.semantic.size() == 2);
  CHECK(hits.semantic[0].score >= hits.semantic[1].score);
  for (const auto& hit : hits.semantic) CHECK(hit.memory.id != "first");  // what was said again
  const Context context = co_await memory.get_enriched_context(ContextRequest("where does Anna work"));
  REQUIRE(context.memories.size() == 3);  // "first" is said again
  CHECK(context.memory_ids[0] == "moved");
  CHECK(context.memory_ids[1] == "again");
  CHECK(context.memories[1].older);
  CHECK(context.memories[1].tokens > 0);
  CHECK(context.text.find("- [again] (older) Anna is working") != std::string::npos);
  for (std::size_t budget = 1; budget < 60; ++budget) {
    ContextRequest brief("where does Anna work");
    brief.with_token_budget(budget);
    const Context fits = co_await memory.get_enriched_context(brief);
    REQUIRE(fits.tokens <= budget);
    if (fits.memories.empty()) continue;
    REQUIRE(fits.memory_ids[0] == "moved");
  }
}

awaitable<void> consolidation(World&, RedisMemoryAdapter& memory) {
  for (int i = 0; i < 3; ++i) {
    co_await memory.add_step(NewStep("fetch"));
    co_await memory.add_step(NewStep("parse"));
    co_await memory.save_episode(NewEpisode("load the daily report from the archive").outcome("done"));
  }
  const auto plan = co_await memory.consolidate();
  CHECK(plan.dry_run);
  CHECK(plan.examined == 3);
  CHECK_FALSE(plan.actions.empty());
  auto stats = co_await memory.stats();
  CHECK(stats.live[MemoryType::episodic] == 3);
  ConsolidateRequest request;
  request.apply();
  const auto report = co_await memory.consolidate(request);
  CHECK_FALSE(report.dry_run);
  CHECK(report.actions.size() == plan.actions.size());
  stats = co_await memory.stats();
  CHECK(stats.live[MemoryType::episodic] < 3);
  const auto again = co_await memory.consolidate();
  CHECK(again.actions.empty());
}

awaitable<void> stats_tell(World& world, RedisMemoryAdapter& memory) {
  co_await memory.remember(NewMemory("one"));
  co_await memory.remember(NewMemory("two").id("2"));
  co_await memory.forget("2");
  auto stats = co_await memory.stats();
  CHECK(stats.ns == world.options.ns);
  CHECK(stats.live[MemoryType::episodic] == 1);
  CHECK(stats.tombstones == 1);
  CHECK(stats.index_documents == 1);
  CHECK_FALSE(stats.store_id.empty());
  CHECK((stats.relay.state == RelayState::off) == (world.options.backend == Backend::sqlite));
  const auto findings = co_await memory.diagnose();
  CHECK_FALSE(findings.empty());
}

awaitable<void> other_agents_are_heard(World& world, RedisMemoryAdapter& memory) {
  RedisMemoryAdapter other = co_await memory.sibling(world.agent("other"));
  co_await other.remember(NewMemory("too early"));
  const std::vector<MemoryType> episodes{MemoryType::episodic};
  Subscription stream = co_await memory.subscribe(episodes);
  co_await memory.remember(NewMemory("my own"));
  co_await other.add_semantic(NewKnowledge("another type"));
  const WriteResult saved = co_await other.remember(NewMemory("heard"));
  const auto change = co_await stream.next();
  REQUIRE(change);
  CHECK(change->id == saved.id);
  CHECK(change->agent == "other");
  CHECK(change->kind == Change::Kind::saved);
  co_await other.forget(saved.id);
  const auto removal = co_await stream.next();
  REQUIRE(removal);
  CHECK(removal->kind == Change::Kind::forgotten);
  co_await other.close();
  stream.close();
  const auto end = co_await stream.next();
  CHECK_FALSE(end);
}

awaitable<void> bad_input_is_told(World& world, RedisMemoryAdapter& memory) {
  const auto expect = [](std::optional<errc> code) { CHECK(code == errc::invalid_argument); };
  expect(co_await error_of(memory.remember(NewMemory(""))));
  expect(co_await error_of(memory.remember(NewMemory("bad \xff utf8"))));
  expect(co_await error_of(memory.remember(NewMemory(std::string("nul \0 byte", 10)))));
  expect(co_await error_of(memory.remember(NewMemory(std::string(2u << 20, 'x')))));
  expect(co_await error_of(memory.remember(NewMemory("x").id(std::string(257, 'x')))));
  expect(co_await error_of(memory.remember(NewMemory("x").ttl(Milliseconds(-1)))));
  expect(co_await error_of(memory.remember(NewMemory("x").importance(7))));
  expect(co_await error_of(memory.remember(NewMemory("x").extra("{"))));
  expect(co_await error_of(memory.remember(NewMemory("x").type(MemoryType::working))));
  expect(co_await error_of(memory.save_skill(NewSkill(""))));
  expect(co_await error_of(memory.add_semantic(NewKnowledge("x").confidence(2))));
  expect(co_await error_of(memory.search(Query("x").with_limit(0))));
  expect(co_await error_of(memory.search(Query("x").with_limit(1'000'000))));
  Query sessions("x");
  sessions.with_types({MemoryType::session});
  expect(co_await error_of(memory.search(sessions)));
  expect(co_await error_of(memory.get("")));
  expect(co_await error_of(memory.list(MemoryType::working)));
  expect(co_await error_of(memory.record_skill_execution("x", true, Milliseconds(-5))));
  Options bad = world.options;
  bad.ns = "";
  expect(co_await error_of(create_memory_adapter(bad)));
  const auto stats = co_await memory.stats();
  for (const auto& [type, count] : stats.live) CHECK(count == 0);
}

awaitable<void> levels_answer(World& world, RedisMemoryAdapter& memory) {
  const WriteResult local = co_await memory.remember(NewMemory("l").level(Level::local));
  CHECK(local.outcome == Outcome::ok);
  const WriteResult durable = co_await memory.remember(NewMemory("d").level(Level::durable));
  CHECK(durable.outcome == Outcome::ok);
  const WriteResult shared = co_await memory.remember(NewMemory("s").level(Level::shared));
  CHECK((shared.outcome == Outcome::ok) == memory.redis_available());
  CHECK((world.options.backend == Backend::redis || shared.outcome == Outcome::pending));
  const bool flushed = co_await memory.flush(Milliseconds(memory.redis_available() ? 5000 : 10));
  CHECK(flushed == (memory.redis_available() || world.options.backend == Backend::sqlite));
}

awaitable<void> closed_is_closed(World& world, RedisMemoryAdapter& memory) {
  RedisMemoryAdapter other = co_await memory.sibling(world.agent("other"));
  Subscription stream = co_await other.subscribe();
  co_await other.close();
  co_await other.close();
  const auto end = co_await stream.next();
  CHECK_FALSE(end);
  const auto code = co_await error_of(other.get("x"));
  CHECK(code == errc::closed);
  co_await memory.remember(NewMemory("still open"));  // the store is shared, and its other user goes on
  RedisMemoryAdapter moved = std::move(memory);
  const auto hits = co_await moved.search(Query("open"));
  CHECK(hits.size() == 1);
  memory = std::move(moved);
}

}  // namespace

TEST_CASE_TEMPLATE("the adapter", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("searches all types and makes a context") {
    in_world<W>(search_all_and_context);
  }
  SUBCASE("says each thing once in a context, the newest of what disagrees first") {
    in_world<W>(a_context_says_each_thing_once);
  }
  SUBCASE("consolidates, first dry") {
    in_world<W>(consolidation);
  }
  SUBCASE("tells about itself") {
    in_world<W>(stats_tell);
  }
  SUBCASE("hears other agents") {
    in_world<W>(other_agents_are_heard);
  }
  SUBCASE("answers bad input clearly and changes nothing") {
    in_world<W>(bad_input_is_told);
  }
  SUBCASE("answers at every level") {
    in_world<W>(levels_answer);
  }
  SUBCASE("is closed once and for all") {
    in_world<W>(closed_is_closed);
  }
}
