#include "memory/consolidation.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "memory/check.hpp"
#include "memory/derive_facts.hpp"
#include "memory/near_duplicates.hpp"

namespace comem::memory {
namespace {

using Kind = ConsolidateAction::Kind;

TimePoint happened(const Episode& episode) noexcept {
  return episode.time == TimePoint{} ? episode.created_at : episode.time;
}

/// When it was saved: an old story that was imported today is young here.
TimePoint saved(const Episode& episode) noexcept {
  return episode.created_at == TimePoint{} ? episode.time : episode.created_at;
}

/// Places of the live episodes, newest first.
std::vector<std::size_t> newest_first(const std::vector<Episode>& episodes, TimePoint now) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < episodes.size(); ++i)
    if (episodes[i].expires_at == no_expiry || episodes[i].expires_at > now) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto time_a = happened(episodes[a]), time_b = happened(episodes[b]);
    return time_a != time_b ? time_a > time_b : episodes[a].id > episodes[b].id;
  });
  return order;
}

/// Only episodes that agree in all of this may be merged: words alone do not say who said them or how it
/// ended.
std::string group_of(const Episode& episode) {
  return fmt::format("{:d}:{}:{}:{}:{}:{}", episode.success, episode.session.size(), episode.session,
                     episode.kind.size(), episode.kind, episode.author);
}

/// Adds what is missing; answers whether anything was.
bool unite(std::vector<std::string>& into, const std::vector<std::string>& from) {
  std::set<std::string> known(into.begin(), into.end());
  const auto before = into.size();
  for (const auto& text : from)
    if (into.size() < max_list_items && known.insert(text).second) into.push_back(text);
  return into.size() != before;
}

bool take_over(Episode& kept, const Episode& duplicate, double decay_importance) {
  const bool tags = unite(kept.tags, duplicate.tags);
  const bool tools = unite(kept.tools_used, duplicate.tools_used);
  double importance = std::max(kept.importance, duplicate.importance);
  if (duplicate.access_count > 0 && kept.access_count == 0)
    importance = std::max(importance, decay_importance);
  const bool more = importance > kept.importance;
  kept.importance = importance;
  return tags || tools || more;
}

void report(ConsolidationPlan& plan, Kind kind, std::vector<std::string> ids, std::string reason) {
  ConsolidateAction action;
  action.kind = kind;
  action.memory_ids = std::move(ids);
  action.reason = std::move(reason);
  plan.report.actions.push_back(std::move(action));
}

/// Merges into `live` (newest first) and leaves the kept episodes there.
void merge(std::vector<Episode>& live, const std::vector<WordSet>& sets, const ConsolidateRequest& request,
           ConsolidationPlan& plan) {
  const auto originals = near_duplicates(sets, request.similarity);
  std::vector<std::vector<std::string>> ids(live.size());
  std::vector<bool> changed(live.size());
  for (std::size_t i = 0; i < live.size(); ++i) {
    const auto kept = originals[i];
    if (kept == i) continue;
    if (ids[kept].empty()) ids[kept].push_back(live[kept].id);
    ids[kept].push_back(live[i].id);
    if (take_over(live[kept], live[i], request.decay_importance)) changed[kept] = true;
    plan.forgotten.push_back(live[i].id);
  }
  std::vector<Episode> remaining;
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (originals[i] != i) continue;
    if (!ids[i].empty())
      report(plan, Kind::merge, std::move(ids[i]),
             fmt::format("nearly the same words ({:.0f} % or more)", request.similarity * 100.0));
    if (changed[i]) plan.merged.push_back(live[i]);
    remaining.push_back(std::move(live[i]));
  }
  live = std::move(remaining);
}

bool decays(const Episode& episode, const ConsolidateRequest& request, TimePoint now) noexcept {
  return episode.access_count == 0 && episode.importance < request.decay_importance &&
         saved(episode) < now - request.decay_age;
}

void derive(const std::vector<Episode>& remaining, const ConsolidateRequest& request,
            const std::vector<Knowledge>& known, ConsolidationPlan& plan) {
  std::vector<const Episode*> sources;
  for (const auto& episode : remaining) sources.push_back(&episode);
  plan.derived = derive_facts(sources, request.min_repeats, known);
  for (const auto& fact : plan.derived) report(plan, Kind::derive, fact.source_episodes, fact.pattern);
}

}  // namespace

ConsolidationPlan plan_consolidation(const std::vector<Episode>& episodes,
                                     const std::vector<std::vector<std::string>>& stems,
                                     const ConsolidateRequest& request, TimePoint now,
                                     const std::vector<Knowledge>& known) {
  ConsolidationPlan plan;
  plan.report.dry_run = request.dry_run;
  plan.report.examined = episodes.size();
  std::vector<Episode> live;
  std::vector<WordSet> sets;
  for (const auto i : newest_first(episodes, now)) {
    live.push_back(episodes[i]);
    sets.emplace_back().group = group_of(episodes[i]);
    if (i < stems.size()) sets.back().words = stems[i];
  }
  merge(live, sets, request, plan);
  std::vector<Episode> remaining;
  std::set<std::string> decayed;
  for (auto& episode : live) {
    if (decays(episode, request, now))
      decayed.insert(episode.id);
    else
      remaining.push_back(std::move(episode));
  }
  derive(remaining, request, known, plan);
  for (const auto& id : decayed) {
    report(plan, Kind::decay, {id}, "old, unimportant and never used");
    plan.forgotten.push_back(id);
  }
  std::erase_if(plan.merged, [&](const Episode& episode) { return decayed.contains(episode.id); });
  return plan;
}

}  // namespace comem::memory
