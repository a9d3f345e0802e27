#pragma once
// Tidying up: near-duplicates merged, facts derived, what is old and unused let go.

#include <comem/clock.hpp>

#include <string>
#include <vector>

namespace comem {

/// What consolidate() takes. By default nothing is changed, only reported.
class ConsolidateRequest {
 public:
  ConsolidateRequest() = default;

  ConsolidateRequest& apply(bool yes = true) {
    dry_run = !yes;
    return *this;
  }

  bool dry_run = true;
  /// Episodes at least this similar (Jaccard index of their word stems) are merged, where no number, name,
  /// negation or opposite makes them different.
  double similarity = 0.85;
  std::size_t min_repeats = 3;  ///< successful uses of the same tools before a fact is derived from them
  Milliseconds decay_age = std::chrono::hours(24 * 14);  ///< younger memories never decay
  double decay_importance = 0.3;                         ///< more important memories never decay
};

/// One thing that consolidation did, or would do.
struct ConsolidateAction {
  ConsolidateAction() = default;
  enum class Kind { merge, derive, decay } kind = Kind::merge;
  /// merge: the one kept first; derive: the sources; decay: the one forgotten.
  std::vector<std::string> memory_ids;
  std::string reason;
};

struct ConsolidateReport {
  ConsolidateReport() = default;
  bool dry_run = true;
  std::size_t examined = 0;
  std::vector<ConsolidateAction> actions;
};

}  // namespace comem
