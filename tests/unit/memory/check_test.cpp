#include "memory/check.hpp"

#include <comem/error.hpp>

#include <functional>
#include <limits>

#include <doctest/doctest.h>

#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;

namespace {

template <class Value>
void refused(const Value& value, const std::string& name) {
  std::string message = "accepted";
  try {
    check(value);
  } catch (const Error& error) {
    CHECK(error.code() == errc::invalid_argument);
    message = error.what();
  }
  CHECK_MESSAGE(message.find(name) != std::string::npos, name << " -> " << message);
}

template <class Kind>
void refused_with(Kind memory, const std::function<void(Kind&)>& change, const std::string& name) {
  change(memory);
  refused(AnyMemory(memory), name);
}

void refused_option(const std::function<void(Options&)>& change, const std::string& name) {
  Options options;
  change(options);
  refused(options, name);
}

const std::string too_long((1u << 20) + 1, 'a');
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("full and plain memories are accepted, ids may be left open") {
  for (auto memory : samples::all()) {
    CHECK_NOTHROW(check(memory));
    common(memory).id.clear();
    CHECK_NOTHROW(check(memory));
  }
}

TEST_CASE("every shared field has its bound") {
  const auto bad = [](const std::function<void(Episode&)>& change, const std::string& name) {
    refused_with<Episode>(samples::episode(), change, name);
  };
  bad([](auto& m) { m.id.assign(257, 'a'); }, "id has 257");
  bad([](auto& m) { m.kind.assign(4097, 'a'); }, "kind");
  bad([](auto& m) { m.content = too_long; }, "content");
  bad([](auto& m) { m.content = "\xff"; }, "content is not valid UTF-8");
  bad([](auto& m) { m.content = std::string("a\0", 2); }, "content contains a NUL");
  bad([](auto& m) { m.agent.assign(257, 'a'); }, "agent");
  bad([](auto& m) { m.author = "\xff"; }, "author");
  bad([](auto& m) { m.session.assign(257, 'a'); }, "session");
  bad([](auto& m) { m.tags.assign(1025, "a"); }, "tags has 1025");
  bad([](auto& m) { m.tags = {"a", std::string(4097, 'a')}; }, "tags[1]");
  bad([](auto& m) { m.importance = 1.01; }, "importance");
  bad([](auto& m) { m.importance = nan; }, "importance");
  bad([](auto& m) { m.time = TimePoint::max(); }, "time");
  bad([](auto& m) { m.created_at = TimePoint::min(); }, "created_at");
  bad([](auto& m) { m.expires_at = TimePoint::max(); }, "expires_at");
  bad([](auto& m) { m.extra = "[]"; }, "extra must be a JSON object");
  bad([](auto& m) { m.extra = "{"; }, "extra is not valid JSON");
  bad([](auto& m) { m.extra = R"({"a":)" + std::string(56, '[') + std::string(56, ']') + "}"; }, "extra");
  bad([](auto& m) { m.type = MemoryType::skill; }, "type");
}

TEST_CASE("every field of its type has its bound") {
  const auto episode = [](const std::function<void(Episode&)>& change, const std::string& name) {
    refused_with<Episode>(samples::episode(), change, name);
  };
  episode([](auto& m) { m.task_prompt = too_long; }, "task_prompt");
  episode([](auto& m) { m.outcome = "\xff"; }, "outcome");
  episode([](auto& m) { m.summary = too_long; }, "summary");
  episode([](auto& m) { m.duration = Milliseconds(-1); }, "duration");
  episode([](auto& m) { m.tools_used = {std::string(4097, 'a')}; }, "tools_used[0]");
  episode([](auto& m) { m.steps[1].action.clear(); }, "action");
  episode([](auto& m) { m.steps.assign(1025, m.steps[0]); }, "steps has 1025");
  episode([](auto& m) { m = Episode(); }, "no text");
  const auto knowledge = [](const std::function<void(Knowledge&)>& change, const std::string& name) {
    refused_with<Knowledge>(samples::knowledge(), change, name);
  };
  knowledge([](auto& m) { m.pattern = too_long; }, "pattern");
  knowledge([](auto& m) { m.context = "\xff"; }, "context");
  knowledge([](auto& m) { m.confidence = -0.1; }, "confidence");
  knowledge([](auto& m) { m.source_episodes = {""}; }, "source_episodes");
  knowledge([](auto& m) { m.source_episodes.assign(1025, "a"); }, "source_episodes");
  knowledge([](auto& m) { m = Knowledge(); }, "no text");
  const auto skill = [](const std::function<void(Skill&)>& change, const std::string& name) {
    refused_with<Skill>(samples::skill(), change, name);
  };
  skill([](auto& m) { m.name.clear(); }, "name is empty");
  skill([](auto& m) { m.name.assign(257, 'a'); }, "name has 257");
  skill([](auto& m) { m.name = "\xff"; }, "name is not valid");
  skill([](auto& m) { m.description = too_long; }, "description");
  skill([](auto& m) { m.actions[1].action.clear(); }, "actions[1]");
  skill([](auto& m) { m.actions[0].params = "{"; }, "actions[0].params");
  skill([](auto& m) { m.actions.assign(1025, SkillAction("a")); }, "actions has 1025");
  skill([](auto& m) { m.preconditions = {"\xff"}; }, "preconditions[0]");
  skill([](auto& m) { m.postconditions = {too_long}; }, "postconditions[0]");
  skill([](auto& m) { m.error_handling = "\xff"; }, "error_handling");
}

TEST_CASE("the deepest JSON that is accepted can be stored and read") {
  auto skill = samples::skill();
  skill.extra = R"({"a":)" + std::string(55, '[') + std::string(55, ']') + "}";
  skill.actions[0].params = std::string(56, '[') + std::string(56, ']');
  REQUIRE_NOTHROW(check(AnyMemory(skill)));
  CHECK_NOTHROW(memory_from_record(to_record("n", skill, "w", at(1), 1024)));
}

TEST_CASE("free text, steps, queries, requests and times to live") {
  CHECK_NOTHROW(check(NewMemory("text")));
  refused(NewMemory(""), "empty");
  refused(NewMemory("x").type(MemoryType::working), "working");
  refused(NewMemory("x").ttl(Milliseconds(-1)), "time to live");
  refused(NewMemory("x").extra("[]"), "extra");
  Step step;
  refused(step, "action");
  step.action = "a";
  CHECK_NOTHROW(check(step));
  step.observation = "\xff";
  refused(step, "observation");
  CHECK_NOTHROW(check(Query("")));
  refused(Query(std::string((64u << 10) + 1, 'a')), "query");
  refused(Query("\xff"), "query");
  refused(Query("a").with_limit(0), "limit");
  refused(Query("a").with_limit(1001), "limit");
  refused(Query("a").with_types({MemoryType::session}), "session");
  refused(Query("a").with_any_tag({"\xff"}), "any_tags[0]");
  refused(Query("a").with_all_tags(std::vector<std::string>(1025, "a")), "all_tags");
  refused(Query("a").in_session(std::string(257, 'a')), "session");
  refused(Query("a").in_session("", true), "session");
  refused(Query("a").at_least_confidence(nan), "min_confidence");
  refused(Query("a").between(at(2), at(1)), "since");
  CHECK_NOTHROW(check(Query("a").between(at(2), TimePoint{})));
  CHECK_NOTHROW(check(ContextRequest("a")));
  refused(ContextRequest("a").with_limit_per_type(1001), "limit_per_type");
  refused(ContextRequest("a").with_detailed_steps(10'001), "detailed_steps");
  refused(ContextRequest("a").with_token_budget(10'000'001), "token_budget");
  CHECK_NOTHROW(check_ttl(Milliseconds(0)));
  CHECK_NOTHROW(check_ttl(max_ttl));
  CHECK_THROWS_AS(check_ttl(max_ttl + Milliseconds(1)), Error);
  CHECK_THROWS_AS(check_ttl(Milliseconds::min()), Error);
  ConsolidateRequest request;
  CHECK_NOTHROW(check(request));
  request.similarity = 0;
  refused(request, "similarity");
  request = {};
  request.min_repeats = 1;
  refused(request, "min_repeats");
  request = {};
  request.decay_age = Milliseconds(-1);
  refused(request, "decay_age");
}

TEST_CASE("every option has its bound") {
  CHECK_NOTHROW(check(Options()));
  refused_option([](auto& o) { o.backend = static_cast<Backend>(9); }, "backend");
  refused_option([](auto& o) { o.database.clear(); }, "database");
  refused_option([](auto& o) { o.database = std::string("a\0b", 3); }, "database");
  refused_option([](auto& o) { o.backend = Backend::redis, o.redis_url.clear(); }, "redis_url");
  refused_option([](auto& o) { o.redis_password.assign(4097, 'p'); }, "redis_password");
  refused_option([](auto& o) { o.redis_username = std::string(1, '\0'); }, "redis_username");
  refused_option([](auto& o) { o.redis_ca_file = std::string(1, '\0'); }, "redis_ca_file");
  refused_option([](auto& o) { o.ns.clear(); }, "ns");
  refused_option([](auto& o) { o.agent_id.assign(257, 'a'); }, "agent_id");
  refused_option([](auto& o) { o.session_id.assign(257, 'a'); }, "session_id");
  refused_option([](auto& o) { o.level = static_cast<Level>(7); }, "level");
  refused_option([](auto& o) { o.share_deadline = std::chrono::minutes(11); }, "share_deadline");
  refused_option([](auto& o) { o.startup_wait = Milliseconds(-1); }, "startup_wait");
  refused_option([](auto& o) { o.redis_timeout = Milliseconds(0); }, "redis_timeout");
  refused_option([](auto& o) { o.batch_delay = std::chrono::hours(1); }, "batch_delay");
  refused_option([](auto& o) { o.working_ttl = Milliseconds(-1); }, "working_ttl");
  refused_option([](auto& o) { o.episodic_ttl = max_ttl + Milliseconds(1); }, "episodic_ttl");
  refused_option([](auto& o) { o.semantic_ttl = Milliseconds::max(); }, "semantic_ttl");
  refused_option([](auto& o) { o.skill_ttl = Milliseconds::min(); }, "skill_ttl");
  refused_option([](auto& o) { o.tombstone_ttl = Milliseconds(0); }, "tombstone_ttl");
  refused_option([](auto& o) { o.consolidate_interval = Milliseconds(-1); }, "consolidate_interval");
  refused_option([](auto& o) { o.working_capacity = 0; }, "working_capacity");
  refused_option([](auto& o) { o.batch_size = 0; }, "batch_size");
  refused_option([](auto& o) { o.reader_threads = 65; }, "reader_threads");
  refused_option([](auto& o) { o.subscription_capacity = 0; }, "subscription_capacity");
  Options never;
  never.episodic_ttl = Milliseconds(0);
  never.ns = std::string("\0\xff", 2);
  CHECK_NOTHROW(check(never));
}
