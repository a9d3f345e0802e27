#pragma once
// From the words of a query to what of the index is read for them.

#include <vector>

#include "search/documents.hpp"
#include "search/facets.hpp"
#include "search/lexicon.hpp"
#include "search/query_terms.hpp"
#include "search/sought.hpp"

namespace comem::search {

/// The terms that any document has, the rarest first. Beside a term itself its relatives and, where it is
/// rare, its synonyms are sought, more faintly; for one that no document has, what may have been meant by it.
std::vector<Sought> seek(const std::vector<QueryTerm>& terms, const Lexicon& lexicon,
                         const DocumentTable& documents, const Authors& authors,
                         const Parameters& parameters);

}  // namespace comem::search
