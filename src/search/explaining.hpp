#pragma once
// Why the documents that were found were found.

#include <vector>

#include "search/index.hpp"
#include "search/ranking.hpp"

namespace comem::search {

/// What an explanation looks at. All of it must outlive the call.
struct Found {
  const std::vector<Candidate>& candidates;
  const std::vector<Sought>& terms;
  const std::vector<QueryTerm>& asked;  ///< in the order of the query
  const DocumentTable& documents;
  const Neighbours& neighbours;
  const HearingWeights& weights;
  const Parameters& parameters;
  const Boosts& boosts;
};

/// Fills in `words` and `heard` of the matches, one for each candidate, and where `in_full` their
/// explanation.
void explain(std::vector<Match>& matches, const Found& found, bool in_full);

}  // namespace comem::search
