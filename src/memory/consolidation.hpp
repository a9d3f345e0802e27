#pragma once
// What consolidation would do: decisions only.

#include <comem/any_memory.hpp>
#include <comem/consolidate.hpp>

#include <string>
#include <vector>

#include "memory/near_duplicates.hpp"

namespace comem::memory {

/// A plan, in the order in which it is to be carried out.
struct ConsolidationPlan {
  ConsolidationPlan() = default;
  ConsolidateReport report;
  std::vector<Episode> merged;     ///< kept episodes that change: tags, tools and importance they take over
  std::vector<Knowledge> derived;  ///< new or better supported facts; agent and created_at are not set
  std::vector<std::string> forgotten;  ///< ids of episodes: duplicates and decayed ones
};

/// What the episodes say, and how those that may say the same are found. Places are those of the episodes.
struct Wordings {
  Wordings() = default;
  std::vector<Wording> of;
  Candidates candidates;
};

/// Near-duplicates: episodes of one session (or of none), kind, author and outcome that say the same, with a
/// similarity of at least request.similarity (memory/wording.hpp); the newest is kept. A failure is never
/// merged into a success. Decay: saved longer than request.decay_age ago, importance below
/// request.decay_importance and never accessed; where a merged duplicate was accessed, the kept one gets that
/// importance and stays. Facts: at least request.min_repeats successful episodes, of those that remain, that
/// used the same tools (memory/derive_facts.hpp). Pure. Planning again once a plan was carried out gives an
/// empty plan. `known` are the facts that the store has (those of other origin do not matter).
ConsolidationPlan plan_consolidation(const std::vector<Episode>& episodes, Wordings wordings,
                                     const ConsolidateRequest& request, TimePoint now,
                                     const std::vector<Knowledge>& known = {});

}  // namespace comem::memory
