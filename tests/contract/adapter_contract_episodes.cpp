// What the adapter promises of working memory and episodes, in every world. No case knows its backend.

#include "tests/contract/adapter_case.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

std::vector<std::string> actions(const std::vector<Step>& steps) {
  std::vector<std::string> names;
  for (const auto& step : steps) names.push_back(step.action);
  return names;
}

awaitable<void> steps_in_order(World& world, RedisMemoryAdapter& memory) {
  for (int i = 0; i < 5; ++i) {
    const auto step =
        co_await memory.add_step(NewStep("act" + std::to_string(i)).observation("saw").success(i != 2));
    CHECK_FALSE(step.id.empty());
    if (i == 2) world.clock.advance(Milliseconds(-7'200'000));  // two hours back
  }
  const auto steps = co_await memory.get_recent_steps(3);
  CHECK(actions(steps) == Strings{"act2", "act3", "act4"});
  CHECK_FALSE(steps[0].success);
  const std::string text = co_await memory.get_context(2);
  CHECK(text.find("act4") != std::string::npos);
}

awaitable<void> steps_have_a_capacity(World& world, RedisMemoryAdapter& memory) {
  Options small = world.agent("small");
  small.working_capacity = 50;
  RedisMemoryAdapter agent = co_await memory.sibling(small);
  for (int i = 0; i < 55; ++i) co_await agent.add_step(NewStep(std::to_string(i)));
  const auto steps = co_await agent.get_recent_steps(100);
  REQUIRE(steps.size() == 50);
  CHECK(steps.front().action == "5");
  CHECK(steps.back().action == "54");
  co_await agent.close();
}

awaitable<void> steps_decay(World& world, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("old"));
  world.clock.advance(std::chrono::minutes(59));
  co_await memory.add_step(NewStep("new"));
  world.clock.advance(std::chrono::minutes(1));
  const auto steps = co_await memory.get_recent_steps();
  CHECK(actions(steps) == Strings{"new"});
}

awaitable<void> steps_without_end(World& world, RedisMemoryAdapter& memory) {
  Options patient = world.agent("patient");
  patient.working_ttl = Milliseconds::zero();
  RedisMemoryAdapter agent = co_await memory.sibling(patient);
  co_await agent.add_step(NewStep("wait"));
  auto steps = co_await agent.get_recent_steps();
  CHECK(actions(steps) == Strings{"wait"});
  world.clock.advance(std::chrono::hours(24 * 365));
  steps = co_await agent.get_recent_steps();
  CHECK(actions(steps) == Strings{"wait"});
  const WriteResult saved = co_await agent.save_episode(NewEpisode("patience"));
  const auto episode = co_await agent.get_episode(saved.id);
  REQUIRE(episode);
  CHECK(episode->steps.size() == 1);
  steps = co_await agent.get_recent_steps();
  CHECK(steps.empty());
  co_await agent.close();
}

awaitable<void> steps_are_private(World& world, RedisMemoryAdapter& memory) {
  RedisMemoryAdapter other = co_await memory.sibling(world.agent("other"));
  co_await memory.add_step(NewStep("mine"));
  const auto theirs = co_await other.get_recent_steps();
  CHECK(theirs.empty());
  const auto found = co_await other.search(Query("mine"));
  CHECK(found.empty());
  co_await other.close();
}

awaitable<void> steps_survive_restart(World& world, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("before"));
  RedisMemoryAdapter again = co_await memory.sibling(world.options);
  const auto steps = co_await again.get_recent_steps();
  CHECK(actions(steps) == Strings{"before"});
  co_await again.close();
}

awaitable<void> episode_from_steps(World&, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("search_web").observation("10 results").reasoning("asked to"));
  co_await memory.add_step(NewStep("extract").observation("facts"));
  co_await memory.add_step(NewStep("search_web").observation("nothing").success(false));
  NewEpisode request("Research topic X");
  request.outcome("Gathered")
      .success(true)
      .duration(std::chrono::seconds(5))
      .tags({"research"})
      .importance(0.8);
  const WriteResult saved = co_await memory.save_episode(request);
  CHECK(saved.outcome == Outcome::ok);
  CHECK(saved.changed);
  const auto episode = co_await memory.get_episode(saved.id);
  REQUIRE(episode);
  CHECK(episode->task_prompt == "Research topic X");
  CHECK(episode->outcome == "Gathered");
  CHECK(episode->tools_used == Strings{"search_web", "extract"});
  CHECK(episode->steps.size() == 3);
  CHECK(episode->content.find("Research topic X") != std::string::npos);
  CHECK(episode->summary.size() <= 400);
  CHECK_FALSE(episode->summary.empty());
  CHECK(episode->duration == std::chrono::seconds(5));
  CHECK(episode->importance == doctest::Approx(0.8));
  CHECK(episode->session == memory.session_id());
  CHECK(episode->agent == memory.agent_id());
  CHECK(episode->version == saved.version);
  const auto left = co_await memory.get_recent_steps();
  CHECK(left.empty());
}

awaitable<void> a_retry_keeps_the_steps(World& world, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("fetch").observation("a page"));
  co_await memory.add_step(NewStep("parse").observation("a table"));
  NewEpisode request("load the report");
  request.id("e").outcome("done").tag("daily");
  const WriteResult saved = co_await memory.save_episode(request);
  const auto first = co_await memory.get_episode(saved.id);
  REQUIRE(first);
  world.clock.advance(Milliseconds(1500));
  const WriteResult retried = co_await memory.save_episode(request);
  CHECK_FALSE(saved.replaced);
  CHECK_FALSE(retried.changed);
  CHECK(retried.replaced);
  CHECK(retried.version == saved.version);
  NewEpisode corrected = request;
  corrected.outcome("done, but late").tag("late");
  const WriteResult again = co_await memory.save_episode(corrected);
  CHECK(again.changed);
  CHECK(again.replaced);
  const auto kept = co_await memory.get_episode(saved.id);
  REQUIRE(kept);
  CHECK(kept->outcome == "done, but late");
  CHECK(kept->tags == Strings{"daily", "late"});
  CHECK(kept->steps.size() == 2);
  CHECK(kept->tools_used == Strings{"fetch", "parse"});
  CHECK(kept->content == first->content);
  CHECK(kept->summary == first->summary);
  CHECK(kept->time == first->time);
}

awaitable<void> a_retry_with_content_keeps_the_steps(World&, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("fetch"));
  NewEpisode request("load the report");
  request.id("e").content("The whole story.");
  co_await memory.save_episode(request);
  const WriteResult retried = co_await memory.save_episode(request);
  CHECK_FALSE(retried.changed);
  const auto kept = co_await memory.get_episode("e");
  REQUIRE(kept);
  CHECK(kept->steps.size() == 1);
}

awaitable<void> another_task_of_an_id_replaces_it(World&, RedisMemoryAdapter& memory) {
  co_await memory.add_step(NewStep("fetch"));
  co_await memory.save_episode(NewEpisode("load the report").id("e"));
  co_await memory.save_episode(NewEpisode("bake bread").id("e"));
  auto episode = co_await memory.get_episode("e");
  REQUIRE(episode);
  CHECK(episode->steps.empty());
  CHECK(episode->content.find("report") == std::string::npos);
  co_await memory.add_step(NewStep("knead"));
  co_await memory.save_episode(NewEpisode("bake bread").id("e"));
  episode = co_await memory.get_episode("e");
  REQUIRE(episode);
  CHECK(episode->tools_used == Strings{"knead"});
  co_await memory.forget("e");
  co_await memory.save_episode(NewEpisode("bake bread").id("e"));
  episode = co_await memory.get_episode("e");
  REQUIRE(episode);
  CHECK(episode->steps.empty());
}

awaitable<void> episode_search_filters(World& world, RedisMemoryAdapter& memory) {
  co_await memory.save_episode(NewEpisode("deploy alpha server").success(true).tag("ops").tag("alpha"));
  world.clock.advance(std::chrono::hours(1));
  const TimePoint middle = world.clock.now();
  co_await memory.save_episode(NewEpisode("deploy beta server").success(false).tag("ops"));
  co_await memory.add_semantic(NewKnowledge("servers deploy slowly"));
  Query all("deploy server");
  auto hits = co_await memory.search_episodes(all);
  CHECK(hits.size() == 2);
  CHECK(hits[0].score >= hits[1].score);
  CHECK(hits[0].why.words == Strings{"deploy", "server"});
  Query one = all;
  one.with_limit(1);
  hits = co_await memory.search_episodes(one);
  CHECK(hits.size() == 1);
  Query good = all;
  good.only_successful();
  hits = co_await memory.search_episodes(good);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].memory.task_prompt == "deploy alpha server");
  Query tagged = all;
  tagged.with_all_tags({"ops", "alpha"});
  hits = co_await memory.search_episodes(tagged);
  CHECK(hits.size() == 1);
  Query any = all;
  any.with_any_tag({"nothing", "ops"});
  hits = co_await memory.search_episodes(any);
  CHECK(hits.size() == 2);
  Query late = all;
  late.between(middle, middle + std::chrono::hours(1));
  hits = co_await memory.search_episodes(late);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].memory.task_prompt == "deploy beta server");
  Query none("nowhere");
  hits = co_await memory.search_episodes(none);
  CHECK(hits.empty());
}

awaitable<void> linked_sessions_are_searched(World&, RedisMemoryAdapter& memory) {
  const std::string first = memory.session_id();
  co_await memory.save_episode(NewEpisode("kiwi one"));
  const std::string second = co_await memory.rotate_session();
  co_await memory.save_episode(NewEpisode("kiwi two"));
  const std::string third = co_await memory.rotate_session();
  co_await memory.save_episode(NewEpisode("kiwi three"));
  for (const auto& session : {first, second, third}) {
    Query alone("kiwi");
    alone.in_session(session);
    const auto here = co_await memory.search_episodes(alone);
    CHECK(here.size() == 1);
    Query linked("kiwi");
    linked.in_session(session, true);
    const auto everywhere = co_await memory.search_episodes(linked);
    CHECK(everywhere.size() == 3);
  }
  const auto history = co_await memory.get_session_history();
  REQUIRE(history.size() == 3);
  CHECK(history[0].id == first);
  CHECK(history[1].id == second);
  CHECK(history[2].id == third);
  CHECK(history[1].previous == first);
}

awaitable<void> update_and_forget(World&, RedisMemoryAdapter& memory) {
  const WriteResult saved = co_await memory.save_episode(NewEpisode("first words"));
  auto episode = co_await memory.get_episode(saved.id);
  REQUIRE(episode);
  episode->content = "second thoughts";
  episode->task_prompt = "";
  const WriteResult updated = co_await memory.update(*episode);
  CHECK(updated.changed);
  CHECK(updated.version > saved.version);
  auto hits = co_await memory.search(Query("thoughts"));
  CHECK(hits.size() == 1);
  hits = co_await memory.search(Query("first"));
  CHECK(hits.empty());
  const WriteResult same = co_await memory.update(*episode);
  CHECK_FALSE(same.changed);
  const WriteResult gone = co_await memory.forget(saved.id);
  CHECK(gone.changed);
  CHECK(gone.version > updated.version);
  const auto missing = co_await memory.get(saved.id);
  CHECK_FALSE(missing);
  hits = co_await memory.search(Query("thoughts"));
  CHECK(hits.empty());
  const WriteResult again = co_await memory.forget(saved.id);
  CHECK_FALSE(again.changed);
  const auto code = co_await error_of(memory.update(*episode));
  CHECK(code == errc::not_found);
}

}  // namespace

TEST_CASE_TEMPLATE("working memory", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("keeps the order of steps, even when the clock is set back") {
    in_world<W>(steps_in_order);
  }
  SUBCASE("keeps the last 50") {
    in_world<W>(steps_have_a_capacity);
  }
  SUBCASE("decays after an hour") {
    in_world<W>(steps_decay);
  }
  SUBCASE("never decays where its time to live is zero, instead of at once") {
    in_world<W>(steps_without_end);
  }
  SUBCASE("is private to its agent") {
    in_world<W>(steps_are_private);
  }
  SUBCASE("survives a restart of its agent") {
    in_world<W>(steps_survive_restart);
  }
}

TEST_CASE_TEMPLATE("episodes", W, SqliteFile, SqliteMemory, WithRedis, RedisAway, WithVectors) {
  SUBCASE("are made from steps") {
    in_world<W>(episode_from_steps);
  }
  SUBCASE("do not lose their steps to a retry") {
    in_world<W>(a_retry_keeps_the_steps);
  }
  SUBCASE("do not lose their steps to a retry that brings its content") {
    in_world<W>(a_retry_with_content_keeps_the_steps);
  }
  SUBCASE("are replaced by another task of their id") {
    in_world<W>(another_task_of_an_id_replaces_it);
  }
  SUBCASE("are searched with filters") {
    in_world<W>(episode_search_filters);
  }
  SUBCASE("are searched over linked sessions") {
    in_world<W>(linked_sessions_are_searched);
  }
  SUBCASE("are updated and forgotten") {
    in_world<W>(update_and_forget);
  }
}
