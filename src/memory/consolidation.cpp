#include "memory/consolidation.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "memory/check.hpp"
#include "memory/compared_text.hpp"
#include "memory/derive_facts.hpp"

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
  return fmt::format("{}:{}:{}", episode.session.size(), episode.session, compared_group(AnyMemory(episode)));
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
void merge(std::vector<Episode>& live, const std::vector<std::size_t>& originals,
           const ConsolidateRequest& request, ConsolidationPlan& plan) {
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

/// Of each live episode, in their order, the one that it duplicates.
std::vector<std::size_t> duplicates(const std::vector<Episode>& episodes,
                                    const std::vector<std::size_t>& order, Wordings wordings,
                                    double similarity) {
  std::vector<Grouped> texts(order.size());
  std::vector<std::size_t> place(episodes.size(), 0);  // in the order; 0 for what is not live does no harm
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    texts[i].group = group_of(episodes[order[i]]);
    if (order[i] < wordings.of.size()) texts[i].wording = std::move(wordings.of[order[i]]);
  }
  return near_duplicates(texts, similarity, [&](std::size_t i) {
    auto found = wordings.candidates(order[i]);
    for (auto& other : found) other = place[other];
    return found;
  });
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

ConsolidationPlan plan_consolidation(const std::vector<Episode>& episodes, Wordings wordings,
                                     const ConsolidateRequest& request, TimePoint now,
                                     const std::vector<Knowledge>& known) {
  ConsolidationPlan plan;
  plan.report.dry_run = request.dry_run;
  plan.report.examined = episodes.size();
  const auto order = newest_first(episodes, now);
  std::vector<Episode> live;
  for (const auto i : order) live.push_back(episodes[i]);
  merge(live, duplicates(episodes, order, std::move(wordings), request.similarity), request, plan);
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
