#include "search/intent.hpp"

#include <map>

#include "search/persons.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

// The author who is named by more words than any other; several who are named alike are nobody.
std::optional<std::uint32_t> the_one(const std::map<std::uint32_t, int>& named) {
  std::optional<std::uint32_t> best;
  int most = 0;
  for (const auto& [author, words] : named) {
    if (words > most) {
      best = author;
      most = words;
    } else if (words == most) {
      best.reset();
    }
  }
  return best;
}

void find_author(std::string_view query, const Authors& authors, Intent& intent) {
  std::map<std::uint32_t, int> named;
  bool first_person = false;
  for (const Word& word : split_words(query)) {
    for (const std::uint32_t author : authors.named(word.text)) ++named[author];
    first_person = first_person || is_first_person(word.text);
  }
  intent.author = the_one(named);
  intent.named = intent.author.has_value();
  if (!named.empty() || !first_person) return;
  const auto& users = authors.named("user");
  if (users.size() == 1) intent.author = users.front();
}

}  // namespace

Intent intent_of(std::string_view query, const Authors& authors, const DocumentTable& documents,
                 const Parameters& parameters) {
  Intent intent;
  const bool facets = parameters.author > 1 && authors.several();
  intent.terms = query_terms(query, parameters.stemming,
                             [&](const Word& word) { return facets && !authors.named(word.text).empty(); });
  if (facets) find_author(query, authors, intent);
  if (parameters.date > 0) intent.dates = dates_in(query, documents.first_day(), documents.last_day());
  intent.when = parameters.when > 1 && asks_for_time(query);
  return intent;
}

}  // namespace comem::search
