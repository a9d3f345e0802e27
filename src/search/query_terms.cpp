#include "search/query_terms.hpp"

#include <algorithm>

#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

std::vector<QueryTerm> query_terms(std::string_view text, Stemming stemming,
                                   const std::function<bool(const Word&)>& is_name) {
  std::vector<QueryTerm> terms;
  std::vector<QueryTerm> names;
  std::vector<QueryTerm> stop_terms;
  WordReader reader(text);
  QueryTerm found;
  for (Word word; terms.size() < max_query_terms && reader.next(word);) {
    const bool stops = term_of(word, found.term, stemming);
    std::vector<QueryTerm>& of_its_kind = stops ? stop_terms : is_name(word) ? names : terms;
    const auto same = [&](const QueryTerm& other) { return other.term == found.term; };
    if (std::any_of(of_its_kind.begin(), of_its_kind.end(), same)) continue;
    found.folded = word.text;
    found.written = text.substr(word.begin, word.end - word.begin);
    of_its_kind.push_back(found);
  }
  return !terms.empty() ? terms : !names.empty() ? names : stop_terms;
}

}  // namespace comem::search
