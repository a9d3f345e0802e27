#pragma once
// Which documents have nearly the same words as a text: candidates for who wants to compare texts.

#include <string_view>
#include <vector>

#include "search/documents.hpp"
#include "search/filter.hpp"
#include "search/lexicon.hpp"
#include "search/parameters.hpp"

namespace comem::search {

/// The documents held that pass, have every number of the text and, of its different words (stop words only
/// where there is nothing else), at least `share` (above 0, at most 1). Exact: of so many words, few of the
/// rarest must be looked up to meet every such document (prefix filtering; Bayardo, Ma and Srikant, "Scaling
/// up all pairs similarity search", 2007), and one number is enough. Ascending.
std::vector<DocumentNumber> sharing(std::string_view text, double share, const Lexicon& lexicon,
                                    const DocumentTable& documents, const Filter& filter,
                                    const Parameters& parameters);

}  // namespace comem::search
