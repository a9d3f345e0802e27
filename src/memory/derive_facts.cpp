#include "memory/derive_facts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "memory/prose.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t max_sources = 100;
constexpr std::size_t max_examples = 5;
constexpr std::size_t max_tools_named = 8;
constexpr std::size_t max_example_bytes = 160;

struct Uses {
  std::vector<const Episode*> succeeded;  // newest first
  std::size_t failed = 0;
};

using Tools = std::set<std::string>;

std::string id_of(const Tools& tools) {
  std::string name = "fact:tools";
  for (const auto& tool : tools) name += fmt::format(":{}:{}", tool.size(), tool);
  return id_from_name(name);
}

std::string pattern_of(const Tools& tools) {
  std::vector<std::string> names;
  for (const auto& tool : tools)
    if (names.size() < max_tools_named) names.push_back(one_line(tool, 80));
  return fmt::format("Works well: {}", listed(names, tools.size() - names.size()));
}

std::string content_of(const std::string& pattern, const Uses& uses) {
  std::string text = pattern;
  std::set<std::string> examples;
  for (const auto* episode : uses.succeeded) {
    if (examples.size() == max_examples) break;
    auto example =
        one_line(episode->task_prompt.empty() ? episode->content : episode->task_prompt, max_example_bytes);
    if (!example.empty() && examples.insert(example).second)
      text += (examples.size() == 1 ? ". Tasks: " : "; ") + example;
  }
  return text;
}

/// Tags that all sources have in common say what the fact is about.
std::vector<std::string> tags_of(const Uses& uses) {
  Tools common(uses.succeeded.front()->tags.begin(), uses.succeeded.front()->tags.end());
  for (const auto* episode : uses.succeeded)
    std::erase_if(common, [&](const std::string& tag) {
      return std::find(episode->tags.begin(), episode->tags.end(), tag) == episode->tags.end();
    });
  std::vector<std::string> tags(common.begin(), common.end());
  if (tags.size() < 64) tags.emplace_back("derived");
  return tags;
}

Knowledge fact_of(const Tools& tools, const Uses& uses) {
  Knowledge fact;
  fact.id = id_of(tools);
  fact.pattern = pattern_of(tools);
  fact.content = content_of(fact.pattern, uses);
  fact.tags = tags_of(uses);
  const auto successes = static_cast<double>(uses.succeeded.size());
  fact.confidence = (successes + 1.0) / (successes + static_cast<double>(uses.failed) + 2.0);
  fact.time = uses.succeeded.front()->time;
  for (const auto* episode : uses.succeeded) {
    if (fact.source_episodes.size() == max_sources) break;
    fact.source_episodes.push_back(episode->id);
    fact.importance = std::max(fact.importance, episode->importance);
  }
  return fact;
}

/// Answers whether the fact says more than the store knows.
bool adds_to(const Knowledge& known, Knowledge& fact) {
  const std::set<std::string> old(known.source_episodes.begin(), known.source_episodes.end());
  const bool news = std::any_of(fact.source_episodes.begin(), fact.source_episodes.end(),
                                [&](const std::string& id) { return !old.contains(id); });
  // A full list of sources holds no proof of news; then the fact stands as it is.
  if (!news || old.size() >= max_sources) return false;
  const std::set<std::string> current(fact.source_episodes.begin(), fact.source_episodes.end());
  for (const auto& id : known.source_episodes)
    if (!current.contains(id) && fact.source_episodes.size() < max_sources)
      fact.source_episodes.push_back(id);
  fact.created_at = known.created_at;
  return true;
}

}  // namespace

std::vector<Knowledge> derive_facts(const std::vector<const Episode*>& episodes, std::size_t min_repeats,
                                    const std::vector<Knowledge>& known) {
  std::map<Tools, Uses> by_tools;
  for (const auto* episode : episodes) {
    if (episode->tools_used.empty()) continue;
    auto& uses = by_tools[Tools(episode->tools_used.begin(), episode->tools_used.end())];
    if (episode->success)
      uses.succeeded.push_back(episode);
    else
      ++uses.failed;
  }
  std::vector<Knowledge> facts;
  for (const auto& [tools, uses] : by_tools) {
    if (uses.succeeded.size() < std::max<std::size_t>(min_repeats, 1)) continue;
    auto fact = fact_of(tools, uses);
    const auto old = std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.id == fact.id; });
    if (old == known.end() || adds_to(*old, fact)) facts.push_back(std::move(fact));
  }
  std::sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return facts;
}

}  // namespace comem::memory
