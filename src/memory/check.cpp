#include "memory/check.hpp"

#include <comem/error.hpp>

#include <cmath>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/json_text.hpp"
#include "memory/timestamps.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t max_query_bytes = 64u << 10;
constexpr std::size_t max_query_limit = 1000;
constexpr std::size_t max_detailed_steps = 10'000;
constexpr std::size_t max_token_budget = 10'000'000;

[[noreturn]] void refuse(const std::string& message) {
  throw Error(errc::invalid_argument, message);
}

void check_long(std::string_view text, std::string_view what) {
  check_text(text, what, max_content_bytes);
}
void check_short(std::string_view text, std::string_view what) {
  check_text(text, what, max_short_bytes);
}

/// Ids that may be left open.
void check_optional_id(std::string_view id, std::string_view what) {
  if (!id.empty()) check_id(id, what);
}

void check_count(std::size_t count, std::string_view what) {
  if (count > max_list_items)
    refuse(fmt::format("{} has {} entries; at most {} are allowed", what, count, max_list_items));
}

void check_texts(const std::vector<std::string>& texts, std::string_view what, std::size_t max_bytes) {
  check_count(texts.size(), what);
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!is_text(texts[i], max_bytes)) check_text(texts[i], fmt::format("{}[{}]", what, i), max_bytes);
}

void check_fraction(double value, std::string_view what) {
  if (!(value >= 0.0 && value <= 1.0)) refuse(fmt::format("{} is {}; it must be from 0 to 1", what, value));
}

void check_time(TimePoint time, std::string_view what) {
  if (time < earliest_time || time > latest_time)
    refuse(fmt::format("{} lies outside of the years 1 to 9999; it counts milliseconds since 1970", what));
}

void check_json(const std::string& text, std::string_view what, bool object) {
  if (text.empty()) return;
  check_long(text, what);
  const auto kind = json_kind(text);
  if (kind == JsonKind::none)
    refuse(fmt::format("{} is not valid JSON of at most {} levels; leave it empty or mend it", what,
                       max_nested_depth));
  if (object && kind != JsonKind::object)
    refuse(fmt::format("{} must be a JSON object such as {{\"a\": 1}}", what));
}

void check_shared(const Memory& memory) {
  check_optional_id(memory.id, "id");
  check_short(memory.kind, "kind");
  check_long(memory.content, "content");
  check_optional_id(memory.agent, "agent");
  check_short(memory.author, "author");
  check_optional_id(memory.session, "session");
  check_texts(memory.tags, "tags", max_short_bytes);
  check_fraction(memory.importance, "importance");
  check_time(memory.time, "time");
  check_time(memory.created_at, "created_at");
  check_time(memory.expires_at, "expires_at");
  check_json(memory.extra, "extra", true);
}

void check_own(const Episode& episode) {
  check_long(episode.task_prompt, "task_prompt");
  check_long(episode.outcome, "outcome");
  check_long(episode.summary, "summary");
  if (episode.duration < Milliseconds{} || episode.duration > max_ttl)
    refuse("duration must be from 0 to 100 years");
  check_texts(episode.tools_used, "tools_used", max_short_bytes);
  check_count(episode.steps.size(), "steps");
  for (const auto& step : episode.steps) check(step);
}

void check_own(const Knowledge& knowledge) {
  check_long(knowledge.pattern, "pattern");
  check_long(knowledge.context, "context");
  check_fraction(knowledge.confidence, "confidence");
  check_count(knowledge.source_episodes.size(), "source_episodes");
  for (const auto& id : knowledge.source_episodes) check_id(id, "source_episodes");
}

void check_own(const Skill& skill) {
  check_id(skill.name, "name");
  check_short(skill.name, "name");
  check_long(skill.description, "description");
  check_count(skill.actions.size(), "actions");
  for (std::size_t i = 0; i < skill.actions.size(); ++i) {
    if (skill.actions[i].action.empty()) refuse(fmt::format("actions[{}] has no name", i));
    check_long(skill.actions[i].action, fmt::format("actions[{}]", i));
    check_json(skill.actions[i].params, fmt::format("actions[{}].params", i), false);
  }
  check_texts(skill.preconditions, "preconditions", max_content_bytes);
  check_texts(skill.postconditions, "postconditions", max_content_bytes);
  check_long(skill.error_handling, "error_handling");
}

void check_type(MemoryType type, MemoryType wanted) {
  if (type != wanted)
    refuse(fmt::format("type says {}, but the memory is {}; leave type as it is made", name_of(type),
                       name_of(wanted)));
}

}  // namespace

void check(const AnyMemory& memory) {
  check_type(common(memory).type, long_term_types[memory.index()]);
  check_shared(common(memory));
  std::visit([](const auto& own) { check_own(own); }, memory);
  if (!has_text(memory)) refuse("the memory has no text; give it content, a task_prompt or a pattern");
}

bool has_text(const AnyMemory& memory) noexcept {
  if (!common(memory).content.empty()) return true;
  if (const auto* episode = std::get_if<Episode>(&memory))
    return !episode->task_prompt.empty() || !episode->outcome.empty() || !episode->summary.empty() ||
           !episode->steps.empty();
  if (const auto* knowledge = std::get_if<Knowledge>(&memory)) return !knowledge->pattern.empty();
  return true;  // a skill has its name
}

void check(const NewMemory& memory) {
  const auto& plain = memory.memory();
  if (plain.type == MemoryType::working || plain.type == MemoryType::session)
    refuse(fmt::format("type {} cannot be remembered; use episodic, semantic or skill", name_of(plain.type)));
  check_shared(plain);
  if (plain.content.empty()) refuse("the text is empty; say what is to be remembered");
  if (memory.ttl()) check_ttl(*memory.ttl());
  check_similarity(memory.similarity());
}

void check_similarity(double similarity) {
  if (!(similarity >= 0.0 && similarity <= 1.0))
    refuse(
        fmt::format("deduplicate asks for a similarity of {}; it must be above 0 and at most 1", similarity));
}

void check(const Step& step) {
  check_optional_id(step.id, "step id");
  if (step.action.empty()) refuse("the step has no action; say what was done");
  check_long(step.action, "action");
  check_long(step.observation, "observation");
  check_long(step.reasoning, "reasoning");
  check_time(step.time, "step time");
}

void check(const Query& query) {
  check_text(query.text, "query", max_query_bytes);
  if (query.limit == 0 || query.limit > max_query_limit)
    refuse(fmt::format("limit is {}; it must be from 1 to {}", query.limit, max_query_limit));
  for (const auto type : query.types)
    if (type == MemoryType::working || type == MemoryType::session)
      refuse(fmt::format("type {} cannot be searched; use episodic, semantic or skill", name_of(type)));
  check_texts(query.any_tags, "any_tags", max_short_bytes);
  check_texts(query.all_tags, "all_tags", max_short_bytes);
  check_optional_id(query.session, "session");
  if (query.linked_sessions && query.session.empty())
    refuse("linked sessions of which session? Name one with in_session()");
  check_optional_id(query.agent, "agent");
  check_short(query.author, "author");
  check_fraction(query.min_confidence, "min_confidence");
  if (query.until != TimePoint{} && query.since > query.until)
    refuse("since lies after until; no memory can match");
}

void check(const ContextRequest& request) {
  check_text(request.query, "query", max_query_bytes);
  if (request.detailed_steps > max_detailed_steps)
    refuse(fmt::format("detailed_steps is {}; at most {} are allowed", request.detailed_steps,
                       max_detailed_steps));
  if (request.limit_per_type > max_query_limit)
    refuse(fmt::format("limit_per_type is {}; at most {} are allowed, 0 leaves it to the budget",
                       request.limit_per_type, max_query_limit));
  if (request.token_budget > max_token_budget)
    refuse(fmt::format("token_budget is {}; at most {} are allowed, 0 means no limit", request.token_budget,
                       max_token_budget));
}

void check(const ConsolidateRequest& request) {
  if (!(request.similarity > 0.0 && request.similarity <= 1.0))
    refuse(fmt::format("similarity is {}; it must be above 0 and at most 1", request.similarity));
  if (request.min_repeats < 2)
    refuse(fmt::format("min_repeats is {}; it must be at least 2", request.min_repeats));
  if (request.decay_age < Milliseconds{} || request.decay_age > max_ttl)
    refuse("decay_age must be from 0 to 100 years");
  check_fraction(request.decay_importance, "decay_importance");
}

void check_ttl(Milliseconds ttl) {
  if (ttl < Milliseconds{} || ttl > max_ttl)
    refuse(fmt::format("a time to live of {} ms; it must be from 1 ms to 100 years, or 0 for never",
                       ttl.count()));
}

}  // namespace comem::memory
