#include "memory/narrative.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "memory/check.hpp"
#include "memory/prose.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t bytes_per_token = 4;
constexpr std::size_t max_summary_bytes = 100 * bytes_per_token;
constexpr std::size_t max_name_bytes = 80;  // of an action where it is one of a list
constexpr std::size_t max_tool_bytes = 256;
constexpr std::size_t max_named_actions = 8;
constexpr std::size_t max_named_failures = 8;
constexpr std::size_t max_failure_bytes = 240;
constexpr std::size_t max_steps_bytes = 1u << 20;  // of all steps that an episode keeps

using StepRefs = std::vector<const Step*>;

/// The most important distinct actions, in the order in which they were taken: the first, the last and those
/// with reasoning before the others.
std::string important_actions(const StepRefs& steps) {
  struct Action {
    std::string name;
    std::size_t place = 0;
    bool important = false;
  };
  std::vector<Action> actions;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto name = one_line(steps[i]->action, max_name_bytes);
    const auto [it, added] = known.emplace(name, actions.size());
    if (added) actions.push_back({std::move(name), i, false});
    if (i == 0 || i + 1 == steps.size() || !steps[i]->reasoning.empty()) actions[it->second].important = true;
  }
  const std::size_t named = std::min(actions.size(), max_named_actions);
  const std::size_t more = actions.size() - named;
  if (more > 0) {
    // The last action stays even when everything before it was important.
    const std::size_t last = actions.back().place;
    const auto rank = [last](const Action& action) {
      return std::pair(action.place == last ? 0 : action.important ? 1 : 2, action.place);
    };
    std::sort(actions.begin(), actions.end(),
              [&rank](const Action& a, const Action& b) { return rank(a) < rank(b); });
    actions.resize(named);
    std::sort(actions.begin(), actions.end(),
              [](const Action& a, const Action& b) { return a.place < b.place; });
  }
  std::vector<std::string> names;
  for (auto& action : actions) names.push_back(std::move(action.name));
  return listed(names, more);
}

void split_by_success(const StepRefs& steps, StepRefs& succeeded, StepRefs& failed) {
  for (const auto* step : steps) (step->success ? succeeded : failed).push_back(step);
}

StepRefs refs_to(const std::vector<Step>& steps, std::size_t first, std::size_t last) {
  StepRefs refs;
  for (std::size_t i = first; i < last; ++i) refs.push_back(&steps[i]);
  return refs;
}

std::string failure_line(const Step& step) {
  return fmt::format("- failed: {}: {}\n", one_line(step.action, max_name_bytes),
                     one_line(step.observation, max_failure_bytes));
}

/// The last failures are the ones that still matter.
std::string failure_lines(const StepRefs& failed) {
  std::string text;
  const std::size_t skipped = failed.size() > max_named_failures ? failed.size() - max_named_failures : 0;
  if (skipped > 0) text += fmt::format("- {} earlier failures\n", skipped);
  for (std::size_t i = skipped; i < failed.size(); ++i) text += failure_line(*failed[i]);
  return text;
}

std::string step_in_full(std::size_t number, const Step& step) {
  auto text = fmt::format("{}. {}{}\n", number, step.success ? "" : "FAILED: ", step.action);
  if (!step.reasoning.empty()) text += fmt::format("   because: {}\n", step.reasoning);
  if (!step.observation.empty()) text += fmt::format("   result: {}\n", step.observation);
  return text;
}

std::string story_of(const Episode& episode) {
  std::string text = episode.task_prompt;
  if (!episode.outcome.empty()) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{}: {}", episode.success ? "Succeeded" : "Failed", episode.outcome);
  }
  for (std::size_t i = 0; i < episode.steps.size() && text.size() < max_content_bytes; ++i) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += step_in_full(i + 1, episode.steps[i]);
  }
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return cut_with_dots(text, max_content_bytes);
}

/// Prompt, outcome and steps share the room, so that a long prompt does not hide how the task ended.
std::string summary_of(const Episode& episode) {
  constexpr std::size_t third = max_summary_bytes * 2 / 5;
  const auto& subject = episode.task_prompt.empty() ? episode.content : episode.task_prompt;
  auto text = one_line(subject, third);
  if (!episode.outcome.empty())
    text += fmt::format("{}{}: {}", text.empty() ? "" : " | ", episode.success ? "Succeeded" : "Failed",
                        one_line(episode.outcome, third));
  else if (!episode.success)
    text += text.empty() ? "Failed" : " | Failed";
  StepRefs succeeded, failed;
  split_by_success(refs_to(episode.steps, 0, episode.steps.size()), succeeded, failed);
  if (!succeeded.empty()) text += " | Steps: " + important_actions(succeeded);
  if (!failed.empty())
    text += fmt::format(" | {} failed, last {}", failed.size(), one_line(failed.back()->action, 40));
  return cut_with_dots(text, max_summary_bytes);
}

std::vector<std::string> tools_of(const std::vector<Step>& steps) {
  std::vector<std::string> tools;
  std::set<std::string> known;
  for (const auto& step : steps) {
    auto tool = one_line(step.action, max_tool_bytes);
    if (tool.empty() || tools.size() == max_list_items || !known.insert(tool).second) continue;
    tools.push_back(std::move(tool));
  }
  return tools;
}

/// Steps as an episode may keep them: where all texts together are too long, the long ones are cut evenly.
std::vector<Step> bounded(std::vector<Step> steps) {
  if (steps.size() > max_list_items)
    steps.erase(steps.begin(), steps.end() - static_cast<std::ptrdiff_t>(max_list_items));
  std::size_t bytes = 0;
  for (const auto& step : steps)
    bytes += step.action.size() + step.observation.size() + step.reasoning.size();
  if (bytes <= max_steps_bytes) return steps;
  const std::size_t share = max_steps_bytes / steps.size() / 3;
  for (auto& step : steps)
    for (auto* text : {&step.action, &step.observation, &step.reasoning})
      if (text->size() > share) *text = cut_with_dots(*text, share);
  return steps;
}

}  // namespace

std::size_t estimate_tokens(std::string_view text) noexcept {
  return text.size() / bytes_per_token + (text.size() % bytes_per_token != 0);
}

void complete(Episode& episode, const std::vector<Step>& steps, TimePoint now) {
  if (episode.steps.empty()) episode.steps = bounded(steps);
  if (episode.tools_used.empty()) episode.tools_used = tools_of(episode.steps);
  if (episode.content.empty()) episode.content = story_of(episode);
  if (episode.summary.empty()) episode.summary = summary_of(episode);
  if (episode.time == TimePoint{}) episode.time = now;
}

std::string working_context(const std::vector<Step>& steps, std::size_t detailed) {
  const std::size_t older = steps.size() - std::min(steps.size(), detailed);
  std::string text;
  if (older > 0) {
    StepRefs succeeded, failed;
    split_by_success(refs_to(steps, 0, older), succeeded, failed);
    text += fmt::format("Earlier: {} {}, {} failed\n", older, older == 1 ? "step" : "steps", failed.size());
    if (!succeeded.empty()) text += fmt::format("- done: {}\n", important_actions(succeeded));
    text += failure_lines(failed);
  }
  if (older < steps.size()) text += older > 0 ? "Latest steps:\n" : "Steps:\n";
  for (std::size_t i = older; i < steps.size(); ++i) text += step_in_full(i + 1, steps[i]);
  if (!text.empty()) text.pop_back();  // the last newline
  return text;
}

}  // namespace comem::memory
