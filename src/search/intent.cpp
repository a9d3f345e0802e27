#include "search/intent.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "search/naming.hpp"
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

// Whom the words of a query name. A word that no memory has, and that is a slip of the fingers away from a
// name, is taken for that name.
class AuthorNames {
 public:
  AuthorNames(const Authors& authors, const Unknown& unknown) : authors_(authors), unknown_(unknown) {}

  const std::vector<std::uint32_t>& of(const Word& word) const {
    const auto& named = authors_.named(word.text);
    if (!named.empty() || !unknown_ || !unknown_(word)) return named;
    return authors_.nearly_named(word.text);
  }

 private:
  const Authors& authors_;
  const Unknown& unknown_;
};

void find_author(std::string_view query, const AuthorNames& names, const Authors& authors, Intent& intent) {
  std::map<std::uint32_t, int> named;
  bool first_person = false;
  for (const Word& word : split_words(query)) {
    for (const std::uint32_t author : names.of(word)) ++named[author];
    first_person = first_person || person_of(word.text) == Person::first;
  }
  intent.author = the_one(named);
  intent.named = intent.author.has_value();
  if (!named.empty() || !first_person) return;
  const auto& users = authors.named("user");
  if (users.size() == 1) intent.author = users.front();
}

// Who asks of 3 May does not look for the number 3. Where there is nothing else, it stays.
void leave_out(std::vector<QueryTerm>& terms, const std::vector<std::string>& numbers) {
  const auto is_number = [&](const QueryTerm& term) {
    return std::find(numbers.begin(), numbers.end(), term.folded) != numbers.end();
  };
  if (!std::all_of(terms.begin(), terms.end(), is_number)) std::erase_if(terms, is_number);
}

}  // namespace

Intent intent_of(std::string_view query, const Authors& authors, const DocumentTable& documents,
                 const Parameters& parameters, const Unknown& unknown) {
  Intent intent;
  const AuthorNames names(authors, unknown);
  const bool facets = parameters.author > 1 && authors.several();
  intent.terms = query_terms(query, parameters.stemming,
                             [&](const Word& word) { return facets && !names.of(word).empty(); });
  if (facets) find_author(query, names, authors, intent);
  if (parameters.date > 0) {
    Dates dates = dates_in(query, documents.first_day(), documents.last_day());
    leave_out(intent.terms, dates.numbers);
    intent.dates = std::move(dates.ranges);
  }
  intent.when = parameters.when > 1 && asks_for_time(query);
  intent.name = parameters.name > 1 && asks_for_name(query);
  return intent;
}

}  // namespace comem::search
