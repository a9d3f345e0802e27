#include "search/sharing.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {
namespace {

struct Shared {
  const PostingList* list = nullptr;
  bool number = false;
};

/// The different terms of the text; null lists for those that no document has.
std::vector<Shared> terms_of(std::string_view text, const Lexicon& lexicon, Stemming stemming) {
  std::set<std::string> terms, stops;
  WordReader reader(text);
  std::string term;
  for (Word word; reader.next(word);) {
    const bool is_stop = term_of(word, term, stemming);
    (is_stop ? stops : terms).insert(term);
  }
  std::vector<Shared> all;
  for (const auto& one : terms.empty() ? stops : terms)
    all.push_back({lexicon.find(one), one.find_first_of("0123456789") != std::string::npos});
  return all;
}

/// Numbers first, then the rarest.
void order(std::vector<Shared>& terms) {
  std::sort(terms.begin(), terms.end(), [](const Shared& a, const Shared& b) {
    return a.number != b.number ? a.number : a.list->size() < b.list->size();
  });
}

}  // namespace

std::vector<DocumentNumber> sharing(std::string_view text, double share, const Lexicon& lexicon,
                                    const DocumentTable& documents, const Filter& filter,
                                    const Parameters& parameters) {
  auto terms = terms_of(text, lexicon, parameters.stemming);
  const auto wanted =
      static_cast<std::size_t>(std::max(1.0, std::ceil(share * static_cast<double>(terms.size()) - 1e-9)));
  const auto unheard = [](const Shared& term) { return term.list == nullptr; };
  if (std::any_of(terms.begin(), terms.end(), [&](const Shared& t) { return t.number && unheard(t); }))
    return {};
  std::erase_if(terms, unheard);
  if (terms.size() < wanted) return {};
  order(terms);

  // Who has enough of all has one of these.
  const std::size_t prefix = terms.front().number ? 1 : terms.size() - wanted + 1;
  std::vector<DocumentNumber> found;
  for (std::size_t i = 0; i < prefix; ++i)
    terms[i].list->for_each([&](DocumentNumber number, const Occurrences&) {
      if (documents.holds(number)) found.push_back(number);
    });
  std::sort(found.begin(), found.end());
  std::vector<std::size_t> counts;
  std::size_t kept = 0;
  for (auto first = found.begin(); first != found.end();) {
    const auto last = std::upper_bound(first, found.end(), *first);
    const DocumentNumber number = *first;
    const auto times = static_cast<std::size_t>(last - first);
    if (filter.passes(documents.facts(number))) {
      found[kept++] = number;
      counts.push_back(times);
    }
    first = last;
  }
  found.resize(kept);

  for (std::size_t i = prefix; i < terms.size() && !found.empty(); ++i) {
    std::vector<bool> has_it(found.size());
    std::size_t at = 0;
    terms[i].list->for_each_of(found, [&](DocumentNumber number, const Occurrences&) {
      while (found[at] < number) ++at;
      has_it[at] = true;
    });
    const std::size_t to_come = terms.size() - i - 1;
    kept = 0;
    for (std::size_t k = 0; k < found.size(); ++k) {
      const std::size_t count = counts[k] + (has_it[k] ? 1 : 0);
      if ((terms[i].number && !has_it[k]) || count + to_come < wanted) continue;
      found[kept] = found[k];
      counts[kept++] = count;
    }
    found.resize(kept);
    counts.resize(kept);
  }
  return found;
}

}  // namespace comem::search
