// What the adapter promises of knowledge, skills and any memory, in every world. No case knows its backend.

#include "tests/contract/adapter_case.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

awaitable<void> knowledge_counts(World&, RedisMemoryAdapter& memory) {
  const WriteResult saved =
      co_await memory.add_semantic(NewKnowledge("tea is hot").confidence(0.5).context("kitchen"));
  for (int i = 0; i < 8; ++i) co_await memory.validate_semantic(saved.id);
  co_await memory.invalidate_semantic(saved.id);
  const auto fact = co_await memory.get_semantic(saved.id);
  REQUIRE(fact);
  CHECK(fact->validations == 8);
  CHECK(fact->invalidations == 1);
  CHECK(fact->effective_confidence() == doctest::Approx(9.0 / 11.0));
  CHECK(fact->version == saved.version);  // counting is no new version
  Query sure("tea");
  sure.at_least_confidence(0.8);
  auto hits = co_await memory.search_semantic(sure);
  CHECK(hits.size() == 1);
  sure.at_least_confidence(0.9);
  hits = co_await memory.search_semantic(sure);
  CHECK(hits.empty());
  const auto code = co_await error_of(memory.validate_semantic("nothing"));
  CHECK(code == errc::not_found);
}

awaitable<void> skills_by_name(World&, RedisMemoryAdapter& memory) {
  NewSkill skill("web:research{1}");
  skill.description("search the web").action("search_web", R"({"query":"x"})").precondition("online");
  const WriteResult saved = co_await memory.save_skill(skill);
  auto stored = co_await memory.get_skill("web:research{1}");
  REQUIRE(stored);
  CHECK(stored->success_rate() == doctest::Approx(0.5));
  REQUIRE(stored->actions.size() == 1);
  CHECK(stored->actions[0].params == R"({"query":"x"})");
  co_await memory.record_skill_execution("web:research{1}", true, Milliseconds(100));
  co_await memory.record_skill_execution("web:research{1}", true, Milliseconds(300));
  co_await memory.record_skill_execution("web:research{1}", false, Milliseconds(200));
  const WriteResult again =
      co_await memory.save_skill(NewSkill("web:research{1}").description("look things up"));
  CHECK(again.id == saved.id);
  stored = co_await memory.get_skill("web:research{1}");
  REQUIRE(stored);
  CHECK(stored->description == "look things up");
  CHECK(stored->executions == 3);
  CHECK(stored->success_rate() == doctest::Approx(2.0 / 3.0));
  CHECK(stored->mean_duration() == Milliseconds(200));
  const auto hits = co_await memory.search_skills(Query("looking up"));
  CHECK(hits.size() == 1);
  const auto none = co_await memory.get_skill("other");
  CHECK_FALSE(none);
  const auto code = co_await error_of(memory.record_skill_execution("other", true, Milliseconds(1)));
  CHECK(code == errc::not_found);
}

awaitable<void> remember_keeps_everything(World& world, RedisMemoryAdapter& memory) {
  const TimePoint when = world.clock.now() - std::chrono::hours(100);
  NewMemory request("Ünïcode text");
  request.id("given/id:{1}")
      .author("Ann")
      .session("s1")
      .turn(7)
      .time(when)
      .tags({"a", "b"})
      .extra(R"({"k":1})");
  const WriteResult saved = co_await memory.remember(request);
  CHECK(saved.id == "given/id:{1}");
  const auto found = co_await memory.get("given/id:{1}");
  REQUIRE(found);
  const Memory& base = common(*found);
  CHECK(base.content == "Ünïcode text");
  CHECK(base.author == "Ann");
  CHECK(base.session == "s1");
  CHECK(base.turn == 7);
  CHECK(base.time == when);
  CHECK(base.tags == Strings{"a", "b"});
  CHECK(base.extra == R"({"k":1})");
  CHECK(base.created_at == world.clock.now());
  CHECK(base.expires_at == world.clock.now() + std::chrono::hours(24 * 30));
  world.clock.advance(std::chrono::hours(1));
  const WriteResult again = co_await memory.remember(request);
  CHECK_FALSE(again.changed);
  auto hits = co_await memory.search(Query("unicode").by_author("Ann"));
  CHECK(hits.size() == 1);
  hits = co_await memory.search(Query("unicode").by_author("Bob"));
  CHECK(hits.empty());
}

awaitable<void> many_at_once(World&, RedisMemoryAdapter& memory) {
  std::vector<NewMemory> requests;
  for (int i = 0; i < 600; ++i)
    requests.push_back(NewMemory("item number " + std::to_string(i)).id(std::to_string(i)));
  const auto results = co_await memory.remember_many(requests);
  REQUIRE(results.size() == 600);
  CHECK(results[599].id == "599");
  const Strings wanted{"5", "none", "599"};
  const auto found = co_await memory.get_many(wanted);
  REQUIRE(found.size() == 3);
  CHECK(found[0]);
  CHECK_FALSE(found[1]);
  REQUIRE(found[2]);
  CHECK(common(*found[2]).content == "item number 599");
  std::size_t listed = 0;
  std::string after;
  for (;;) {
    const auto page = co_await memory.list(MemoryType::episodic, 250, after);
    if (page.empty()) break;
    listed += page.size();
    after = common(page.back()).id;
  }
  CHECK(listed == 600);
  const auto newest = co_await memory.newest({}, 5);
  REQUIRE(newest.size() == 5);
  CHECK(common(newest[0]).id == "599");
  requests[300].id(std::string(300, 'x'));
  const auto code = co_await error_of(memory.remember_many(requests));
  CHECK(code == errc::invalid_argument);
}

awaitable<void> put_many_is_exact(World& world, RedisMemoryAdapter& memory) {
  Skill skill;
  skill.id = "s";
  skill.name = "knit";
  skill.content = "knitting";
  skill.executions = 4;
  skill.successes = 3;
  skill.created_at = world.clock.now() - std::chrono::hours(5);
  Episode episode;
  episode.id = "e";
  episode.content = "plain";
  const std::vector<AnyMemory> given{skill, episode};
  auto results = co_await memory.put_many(given);
  CHECK(results[0].changed);
  auto stored = co_await memory.get_skill("knit");
  REQUIRE(stored);
  CHECK(stored->executions == 4);
  CHECK(stored->created_at == skill.created_at);
  CHECK(stored->expires_at == no_expiry);
  const auto plain = co_await memory.get_episode("e");
  REQUIRE(plain);
  CHECK(plain->expires_at == world.clock.now() + std::chrono::hours(24 * 30));
  world.clock.advance(std::chrono::hours(1));
  results = co_await memory.put_many(given);
  CHECK_FALSE(results[0].changed);
  CHECK_FALSE(results[1].changed);
  stored = co_await memory.get_skill("knit");
  CHECK(stored->executions == 4);
}

awaitable<void> an_imported_skill_takes_its_name(World& world, RedisMemoryAdapter& memory) {
  const WriteResult old = co_await memory.save_skill(NewSkill("knit").description("by heart"));
  co_await memory.save_skill(NewSkill("purl").description("the other one"));
  Skill skill;
  skill.id = "imported";
  skill.name = "knit";
  skill.content = "from a pattern";
  Skill dead = skill;
  dead.id = "dead";
  dead.name = "purl";
  dead.created_at = world.clock.now() - std::chrono::hours(2);
  dead.expires_at = world.clock.now() - std::chrono::hours(1);
  const std::vector<AnyMemory> given{skill, dead};
  auto results = co_await memory.put_many(given);
  CHECK(results[0].id == "imported");
  CHECK(results[0].changed);
  const auto named = co_await memory.get_skill("knit");
  REQUIRE(named);
  CHECK(named->id == "imported");
  const auto namesake = co_await memory.get(old.id);
  CHECK_FALSE(namesake);
  const auto hits = co_await memory.search_skills(Query("knit"));
  CHECK(hits.size() == 1);
  const auto other = co_await memory.get_skill("purl");
  CHECK(other);
  auto stats = co_await memory.stats();
  CHECK(stats.live[MemoryType::skill] == 2);
  results = co_await memory.put_many(given);
  CHECK_FALSE(results[0].changed);
  const WriteResult saved = co_await memory.save_skill(NewSkill("knit").description("anew"));
  CHECK(saved.id == "imported");
}

awaitable<void> memories_expire(World& world, RedisMemoryAdapter& memory) {
  co_await memory.remember(NewMemory("brief candle").id("brief").ttl(Milliseconds(1000)));
  co_await memory.remember(NewMemory("lasting candle").id("lasting").ttl(Milliseconds(0)));
  auto hits = co_await memory.search(Query("candle"));
  CHECK(hits.size() == 2);
  world.clock.advance(Milliseconds(1000));
  hits = co_await memory.search(Query("candle"));
  REQUIRE(hits.size() == 1);
  CHECK(common(hits[0].memory).id == "lasting");
  const auto gone = co_await memory.get("brief");
  CHECK_FALSE(gone);
  const auto listed = co_await memory.list(MemoryType::episodic);
  CHECK(listed.size() == 1);
  world.clock.advance(std::chrono::hours(24 * 3650));
  const auto still = co_await memory.get("lasting");
  CHECK(still);
}

awaitable<void> accesses_are_counted(World&, RedisMemoryAdapter& memory) {
  const WriteResult saved = co_await memory.remember(NewMemory("count me"));
  for (int i = 0; i < 3; ++i) co_await memory.get(saved.id);
  co_await memory.flush(Milliseconds(1));
  const auto memory_now = co_await memory.get(saved.id);
  REQUIRE(memory_now);
  CHECK(common(*memory_now).access_count == 3);
  CHECK(common(*memory_now).version == saved.version);
}

awaitable<void> accesses_of_many_are_counted(World&, RedisMemoryAdapter& memory) {
  std::vector<std::string> ids{"a", "b", "c"};
  for (const auto& id : ids) co_await memory.remember(NewMemory("count " + id).id(id));
  ids = {"a", "b", "missing"};
  co_await memory.get_many(ids);
  co_await memory.get_many(ids);  // kept by now
  ids = {"a", "a", "c"};          // some are
  co_await memory.get_many(ids);
  co_await memory.flush(Milliseconds(1));
  const auto listed = co_await memory.list(MemoryType::episodic);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& one : listed) counts[common(one).id] = common(one).access_count;
  CHECK(counts == std::map<std::string, std::uint64_t>{{"a", 4}, {"b", 2}, {"c", 1}});
}

awaitable<void> namespaces_are_apart(World& world, RedisMemoryAdapter& memory) {
  Options elsewhere = world.agent("agent");
  elsewhere.ns = world.options.ns + "}x{";
  RedisMemoryAdapter other = co_await memory.sibling(elsewhere);
  co_await memory.remember(NewMemory("here only").id("1"));
  co_await memory.save_skill(NewSkill("same"));
  const auto found = co_await other.get("1");
  CHECK_FALSE(found);
  const auto hits = co_await other.search(Query("here"));
  CHECK(hits.empty());
  const auto skill = co_await other.get_skill("same");
  CHECK_FALSE(skill);
  const auto forgotten = co_await other.forget("1");
  CHECK_FALSE(forgotten.changed);
  co_await other.close();
  const auto still = co_await memory.get("1");
  CHECK(still);
}

awaitable<void> any_bytes_in_ids(World&, RedisMemoryAdapter& memory) {
  const std::string odd("\0{}:%\xff\n*", 8);
  co_await memory.remember(NewMemory("odd id").id(odd));
  const auto found = co_await memory.get(odd);
  REQUIRE(found);
  CHECK(common(*found).id == odd);
  const auto hits = co_await memory.search(Query("odd"));
  REQUIRE(hits.size() == 1);
  CHECK(common(hits[0].memory).id == odd);
  const auto gone = co_await memory.forget(odd);
  CHECK(gone.changed);
}

}  // namespace

TEST_CASE_TEMPLATE("knowledge and skills", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("knowledge is validated and invalidated") {
    in_world<W>(knowledge_counts);
  }
  SUBCASE("a skill is found by its name and counts its executions") {
    in_world<W>(skills_by_name);
  }
}

TEST_CASE_TEMPLATE("any memory", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("is kept as it was said") {
    in_world<W>(remember_keeps_everything);
  }
  SUBCASE("is saved, found and listed in bulk") {
    in_world<W>(many_at_once);
  }
  SUBCASE("is imported exactly") {
    in_world<W>(put_many_is_exact);
  }
  SUBCASE("does not become the second skill of a name by an import") {
    in_world<W>(an_imported_skill_takes_its_name);
  }
  SUBCASE("expires") {
    in_world<W>(memories_expire);
  }
  SUBCASE("counts how often it was read") {
    in_world<W>(accesses_are_counted);
    in_world<W>(accesses_of_many_are_counted);
  }
  SUBCASE("belongs to one namespace") {
    in_world<W>(namespaces_are_apart);
  }
  SUBCASE("may have any bytes in its id") {
    in_world<W>(any_bytes_in_ids);
  }
}
