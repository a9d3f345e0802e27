#include "search/query_terms.hpp"

#include <algorithm>

#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

std::vector<QueryTerm> query_terms(std::string_view text, Stemming stemming,
                                   const std::function<Role(const Word&)>& role_of) {
  std::vector<QueryTerm> terms;
  std::vector<QueryTerm> names;
  std::vector<QueryTerm> stop_terms;
  bool dated = false;
  WordReader reader(text);
  QueryTerm found;
  for (Word word; terms.size() < max_query_terms && reader.next(word);) {
    const bool stops = term_of(word, found.term, stemming);
    const Role role = role_of(word);
    dated = dated || role == Role::date;
    if (role == Role::date) continue;
    std::vector<QueryTerm>& of_its_kind = stops ? stop_terms : role == Role::name ? names : terms;
    const auto same = [&](const QueryTerm& other) { return other.term == found.term; };
    if (std::any_of(of_its_kind.begin(), of_its_kind.end(), same)) continue;
    found.folded = word.text;
    found.written = text.substr(word.begin, word.end - word.begin);
    of_its_kind.push_back(found);
  }
  if (!terms.empty() || dated) return terms;
  return names.empty() ? stop_terms : names;
}

}  // namespace comem::search
