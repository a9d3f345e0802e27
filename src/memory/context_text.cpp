#include "memory/context_text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "core/utf8.hpp"
#include "memory/narrative.hpp"
#include "memory/prose.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t bytes_per_token = 4;
constexpr std::size_t min_cut_bytes = 24;  // of an entry's own text, below which a cut entry says nothing
constexpr std::size_t max_list_bytes = 400;
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

struct Entry {
  std::string id;
  std::string lead;  ///< what makes it traceable; never cut
  std::string text;
  bool taken = false;
};

struct Section {
  std::string heading;
  std::vector<Entry> entries;
  bool open = false;  ///< an entry was taken, so the heading is paid for
};

/// Ids may be any bytes; texts for models are UTF-8 on one line.
std::string lead_of(const std::string& id) {
  return fmt::format("- [{}] ", printable(id));
}

std::string text_of(const Episode& episode) {
  const auto& told = !episode.summary.empty()   ? episode.summary
                     : !episode.content.empty() ? episode.content
                                                : episode.task_prompt;
  return (episode.success ? "" : "(failed) ") + one_line(told, unlimited - 8);
}

std::string text_of(const Knowledge& knowledge) {
  // Content that says more than the pattern says it too.
  const bool more = knowledge.content.size() > knowledge.pattern.size();
  auto text = one_line(more ? knowledge.content : knowledge.pattern, unlimited - 8);
  if (!knowledge.context.empty())
    text += fmt::format(" (where: {})", one_line(knowledge.context, max_list_bytes));
  return text + fmt::format(" (confidence {:.2f})", knowledge.effective_confidence());
}

std::string text_of(const Skill& skill) {
  auto text = one_line(skill.name, unlimited - 8);
  const auto& told = skill.description.empty() ? skill.content : skill.description;
  if (!told.empty() && told != skill.name) text += ": " + one_line(told, unlimited - 8);
  std::string actions;
  for (const auto& action : skill.actions) {
    actions += (actions.empty() ? "" : " -> ") + one_line(action.action, 80);
    if (actions.size() > max_list_bytes) break;
  }
  if (!actions.empty()) text += fmt::format(" (actions: {})", cut_with_dots(actions, max_list_bytes));
  if (skill.executions > 0)
    text += fmt::format(" (succeeded {} of {} times)", skill.successes, skill.executions);
  return text;
}

template <class Kind>
Section section_of(std::string heading, const std::vector<Hit<Kind>>& hits) {
  Section section;
  section.heading = std::move(heading);
  std::set<std::string> seen;
  for (const auto& hit : hits) {
    if (!seen.insert(hit.memory.id).second) continue;
    Entry entry;
    entry.id = hit.memory.id;
    entry.lead = lead_of(hit.memory.id);
    entry.text = text_of(hit.memory);
    section.entries.push_back(std::move(entry));
  }
  return section;
}

using Sections = std::array<Section, 3>;

/// Takes the entry whole or cut; answers the bytes that it costs, 0 when it does not fit.
std::size_t take(Section& section, Entry& entry, std::size_t room) {
  const std::size_t fixed = (section.open ? 0 : section.heading.size()) + entry.lead.size() + 1;
  const std::size_t least = fixed + std::min(entry.text.size(), min_cut_bytes);
  if (room < least) return 0;
  entry.text = cut_with_dots(entry.text, room - fixed);
  entry.taken = section.open = true;
  return fixed + entry.text.size();
}

/// The best of each type before the second best of any. Answers the bytes taken.
std::size_t choose(Sections& sections, std::size_t room) {
  std::size_t used = 0, ranks = 0;
  for (const auto& section : sections) ranks = std::max(ranks, section.entries.size());
  for (std::size_t rank = 0; rank < ranks; ++rank)
    for (auto& section : sections)
      if (rank < section.entries.size()) used += take(section, section.entries[rank], room - used);
  return used;
}

std::string working_section(const std::string& working, std::size_t room) {
  static constexpr std::string_view heading = "## Working context\n";
  if (working.empty() || room < heading.size() + min_cut_bytes + 1) return {};
  return std::string(heading) + cut_with_dots(working, room - heading.size() - 1) + "\n";
}

}  // namespace

Context enriched_context(const std::string& working, const AllHits& hits, std::size_t token_budget) {
  const std::size_t budget = token_budget == 0 || token_budget > unlimited / bytes_per_token
                                 ? unlimited
                                 : token_budget * bytes_per_token;
  Sections sections{section_of("\n## Relevant experiences\n", hits.episodic),
                    section_of("\n## Relevant knowledge\n", hits.semantic),
                    section_of("\n## Relevant skills\n", hits.skills)};
  // The working context may fill half of the budget, and what the memories leave of the rest.
  const std::size_t reserved = working_section(working, budget / 2).size();
  const std::size_t used = choose(sections, budget - reserved);
  Context context;
  context.text = working_section(working, budget - used);
  for (const auto& section : sections) {
    if (!section.open) continue;
    context.text += section.heading;
    for (const auto& entry : section.entries) {
      if (!entry.taken) continue;
      context.text += entry.lead + entry.text + "\n";
      context.memory_ids.push_back(entry.id);
    }
  }
  if (!context.text.empty() && context.text.front() == '\n') context.text.erase(0, 1);
  if (!context.text.empty()) context.text.pop_back();
  context.tokens = estimate_tokens(context.text);
  return context;
}

}  // namespace comem::memory
