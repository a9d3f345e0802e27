#include "search/query_terms.hpp"

#include <algorithm>

#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

std::vector<QueryTerm> query_terms(std::string_view text) {
  std::vector<QueryTerm> terms;
  std::vector<QueryTerm> stop_terms;
  WordReader reader(text);
  QueryTerm found;
  for (Word word; terms.size() < max_query_terms && reader.next(word);) {
    std::vector<QueryTerm>& of_its_kind = term_of(word, found.term) ? stop_terms : terms;
    const auto same = [&](const QueryTerm& other) { return other.term == found.term; };
    if (std::any_of(of_its_kind.begin(), of_its_kind.end(), same)) continue;
    found.written = text.substr(word.begin, word.end - word.begin);
    of_its_kind.push_back(found);
  }
  return terms.empty() ? stop_terms : terms;
}

}  // namespace comem::search
