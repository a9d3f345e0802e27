#pragma once
// The matches of a query by words and by vectors, as one ranking.

#include <comem/query.hpp>

#include <set>
#include <string>
#include <vector>

#include "storage/index_view.hpp"
#include "storage/vector_view.hpp"
#include "vectors/query_cache.hpp"

namespace comem {

/// Where a search looks. The views outlive it; without vectors (nullptr) or a vector of the query it goes by
/// words alone.
struct SearchArms {
  SearchArms(storage::IndexView& words_, const storage::VectorView* vectors_ = nullptr,
             vectors::SharedVector query_ = nullptr)
      : words(&words_), vectors(vectors_), query(std::move(query_)) {}
  storage::IndexView* words;
  const storage::VectorView* vectors;
  vectors::SharedVector query;
};

struct ArmMatch {
  ArmMatch() = default;
  search::Match match;
  std::string arm;  ///< of Why
};

struct ArmMatches {
  ArmMatches() = default;
  std::vector<ArmMatch> matches;  ///< best first, at most query.limit
  bool all = false;               ///< there are no further ones
};

/// The best matches among everything that was committed when `tx` began.
ArmMatches find_matches(storage::ReadTransaction& tx, const SearchArms& arms, const Query& query,
                        const std::set<std::string>& sessions, TimePoint now);

}  // namespace comem
