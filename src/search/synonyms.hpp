#pragma once
// What else a word of a query may be called.

#include <string>
#include <string_view>
#include <vector>

namespace comem::search {

struct Synonym {
  std::string stem;
  double likeness;  ///< 1 for synonyms, less for a member of the class asked for
};

/// Those of an English word, given as its stem and folded, in no particular order; none of most. The first
/// call reads the tables, for some milliseconds.
std::vector<Synonym> synonyms_of(std::string_view stem, std::string_view folded);

}  // namespace comem::search
