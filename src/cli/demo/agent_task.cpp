#include "cli/demo/agent_task.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/output.hpp"
#include "cli/show.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t top = 5;
constexpr const char* task = "Find out who or what changes most in this memory";
constexpr const char* skill_name = "find_hot_spots";

/// "src/memory" for "src/memory/codec.cpp", the file itself at the root.
std::string part_of(const std::string& file) {
  const auto first = file.find('/');
  const auto second = first == std::string::npos ? first : file.find('/', first + 1);
  return second != std::string::npos ? file.substr(0, second) : file.substr(0, first);
}

struct HotSpot {
  HotSpot() = default;
  std::string name = "nothing";
  std::size_t changes = 0, episodes = 0;
};

/// Reads every episode, page by page, and counts the parts of the tree that they touched (or, untagged, their
/// authors).
awaitable<HotSpot> count_changes(RedisMemoryAdapter* memory) {
  HotSpot hottest;
  std::map<std::string, std::size_t> counts;
  std::string after;
  for (;;) {
    const auto page = co_await memory->list(MemoryType::episodic, 500, after);
    if (page.empty()) break;
    after = common(page.back()).id;
    for (const auto& episode : page) {
      std::vector<std::string> parts;
      for (const auto& file : common(episode).tags) parts.push_back(part_of(file));
      if (parts.empty()) parts.push_back(common(episode).author);
      std::sort(parts.begin(), parts.end());
      parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
      for (const auto& part : parts) ++counts[part];
      ++hottest.episodes;
    }
  }
  for (const auto& [name, count] : counts) {
    if (count <= hottest.changes) continue;
    hottest.name = name;
    hottest.changes = count;
  }
  co_return hottest;
}

/// The memory that was asked for is among the hits, or the best one (its double, say) has every word of the
/// question.
bool answers(const std::vector<Hit<AnyMemory>>& hits, const Question& question) {
  if (hits.empty()) return false;
  if (question.answer_id.empty() || hits.front().why.words.size() >= question.words) return true;
  return std::any_of(hits.begin(), hits.end(),
                     [&question](const auto& hit) { return common(hit.memory).id == question.answer_id; });
}

awaitable<HotSpot> take_steps(RedisMemoryAdapter* memory, Report* report) {
  const auto known = co_await memory->get_skill(skill_name);
  NewStep look("look_for_skill");
  look.observation(known ? "there is one" : "no skill is known for this yet").success(known.has_value());
  co_await memory->add_step(std::move(look));

  const Stopwatch watch;
  const auto hottest = co_await count_changes(memory);
  NewStep count("count_changes");
  count.reasoning("every episode names what it touched")
      .observation(fmt::format("{} episodes read; {} comes up in {}", hottest.episodes, hottest.name,
                               hottest.changes));
  co_await memory->add_step(std::move(count));

  const auto steps = co_await memory->get_recent_steps();
  for (const auto& step : steps)
    report->say(fmt::format("step: {} -> {}{}", step.action, visible(step.observation),
                            step.success ? "" : " (failed)"));
  report->expect(steps.size() == 2 && hottest.changes > 0, "working memory holds the steps of the task");
  co_return hottest;
}

awaitable<void> learn(RedisMemoryAdapter* memory, std::string episode_id, const HotSpot* hottest,
                      Milliseconds took, Report* report) {
  NewKnowledge fact(fmt::format("{} changes more often than any other part", hottest->name));
  fact.confidence(0.8).source_episodes({std::move(episode_id)});
  co_await memory->add_semantic(std::move(fact));

  NewSkill skill(skill_name);
  skill.description("Which part of a repository changes most: count what its commits touched")
      .action("list_commits")
      .action("count_directories", R"({"depth": 2})");
  co_await memory->save_skill(std::move(skill));
  co_await memory->record_skill_execution(skill_name, true, took);
  const auto saved = co_await memory->get_skill(skill_name);
  report->expect(saved && saved->executions == 1 && saved->success_rate() > 0.99,
                 fmt::format("the way it was done is the skill {}: {} execution, all successful", skill_name,
                             saved ? saved->executions : 0));
}

}  // namespace

awaitable<void> ask_questions(RedisMemoryAdapter* memory, const Sources* sources, Report* report) {
  report->heading("2. Ask");
  for (const auto& question : sources->questions) {
    Query query(question.text);
    query.with_limit(top);
    const Stopwatch watch;
    const auto hits = co_await memory->search(std::move(query));
    const auto took = watch.ms();
    const auto answered = answers(hits, question);
    report->expect(answered, fmt::format("\"{}\" answered in {:.2f} ms", visible(question.text), took));
    if (hits.empty()) continue;
    const auto& best = hits.front();
    report->say("     " + excerpt(best.memory, best.why.words, 100));
    report->say(fmt::format("     {}{}, score {:.2f}{}", style().dim, facts_of(best.memory), best.score,
                            style().off));
  }
}

awaitable<void> work_on_task(RedisMemoryAdapter* memory, Report* report) {
  report->heading(fmt::format("3. An agent works: \"{}\"", task));
  const Stopwatch watch;
  const auto hottest = co_await take_steps(memory, report);
  const Milliseconds took(static_cast<Milliseconds::rep>(watch.ms()) + 1);

  NewEpisode episode(task);
  episode.outcome(fmt::format("{}, in {} of {} episodes", hottest.name, hottest.changes, hottest.episodes))
      .duration(took)
      .tag("demo");
  const Stopwatch saving;
  const auto saved = co_await memory->save_episode(std::move(episode));
  const auto save_ms = saving.ms();
  const auto left = co_await memory->get_recent_steps();
  report->expect(left.empty(), fmt::format("saved as an episode in {:.1f} ms, steps and all", save_ms));

  Query query("what changes most");
  const auto hits = co_await memory->search_episodes(std::move(query));
  const auto found =
      std::any_of(hits.begin(), hits.end(), [&saved](const auto& hit) { return hit.memory.id == saved.id; });
  report->expect(found, "and found by its words at once");
  co_await learn(memory, saved.id, &hottest, took, report);
}

awaitable<void> show_context(RedisMemoryAdapter* memory, Report* report) {
  constexpr std::size_t budget = 350;
  report->heading("4. What the next task begins with");
  NewStep step("read_task");
  step.observation("review the part that changes most");
  co_await memory->add_step(std::move(step));
  ContextRequest request("which part changes most");
  request.with_token_budget(budget).with_limit_per_type(2);
  const Stopwatch watch;
  const auto context = co_await memory->get_enriched_context(std::move(request));
  const auto took = watch.ms();
  std::string_view rest = context.text;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    report->say(fmt::format("{}| {}{}", style().dim, visible(line), style().off));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  report->expect(!context.memory_ids.empty() && context.tokens <= budget,
                 fmt::format("{} tokens (at most {}) from {} memories in {:.1f} ms", context.tokens, budget,
                             context.memory_ids.size(), took));
}

}  // namespace comem::cli
