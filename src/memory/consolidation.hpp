#pragma once
// What consolidation would do: decisions only.

#include <comem/any_memory.hpp>
#include <comem/consolidate.hpp>

#include <string>
#include <vector>

namespace comem::memory {

/// A plan, in the order in which it is to be carried out.
struct ConsolidationPlan {
  ConsolidationPlan() = default;
  ConsolidateReport report;
  std::vector<Episode> merged;     ///< kept episodes that change: tags, tools and importance they take over
  std::vector<Knowledge> derived;  ///< new or better supported facts; agent and created_at are not set
  std::vector<std::string> forgotten;  ///< ids of episodes: duplicates and decayed ones
};

/// Near-duplicates: episodes of one session (or of none), kind, author and outcome whose word stems have a
/// Jaccard index of at least request.similarity; the newest is kept. A failure is never merged into a
/// success. Decay: saved longer than request.decay_age ago, importance below request.decay_importance and
/// never accessed; where a merged duplicate was accessed, the kept one gets that importance and stays. Facts:
/// at least request.min_repeats successful episodes, of those that remain, that used the same tools
/// (memory/derive_facts.hpp). Roughly linear in the number of episodes. Pure. Planning again once a plan was
/// carried out gives an empty plan. `stems[i]` are the word stems of episodes[i].content; `known` are the
/// facts that the store has (those of other origin do not matter).
ConsolidationPlan plan_consolidation(const std::vector<Episode>& episodes,
                                     const std::vector<std::vector<std::string>>& stems,
                                     const ConsolidateRequest& request, TimePoint now,
                                     const std::vector<Knowledge>& known = {});

}  // namespace comem::memory
