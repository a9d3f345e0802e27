#include "search/intent.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "search/naming.hpp"
#include "search/persons.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

// Whom the words of a query name. A word that no memory has, and that is a slip of the fingers away from a
// name, is taken for that name; it is asked for several times, so that is found out once.
class AuthorNames {
 public:
  AuthorNames(const Authors& authors, const Unknown& unknown) : authors_(authors), unknown_(unknown) {}

  const std::vector<std::uint32_t>& of(const Word& word) const {
    const auto& named = authors_.named(word.text);
    if (!named.empty() || !unknown_ || is_time_word(word.text)) return named;
    const auto known = nearly_.find(word.text);
    if (known != nearly_.end()) return *known->second;
    const auto& meant = unknown_(word) ? authors_.nearly_named(word.text) : named;
    nearly_.emplace(word.text, &meant);
    return meant;
  }

 private:
  const Authors& authors_;
  const Unknown& unknown_;
  mutable std::map<std::string, const std::vector<std::uint32_t>*, std::less<>> nearly_;
};

// Two names with no more than this between them are asked about alike.
bool joins(std::string_view folded) noexcept {
  return folded == "and" || folded == "or";
}

struct Mention {
  std::uint32_t author = 0;
  bool joined = false;  // to the one before it
};

// A run of names is one mention: of the author whom most of its words name.
std::optional<std::uint32_t> meant_by_all(const std::vector<const std::vector<std::uint32_t>*>& run) {
  std::map<std::uint32_t, int> named;
  for (const auto* authors : run)
    for (const std::uint32_t author : *authors) ++named[author];
  std::optional<std::uint32_t> best;
  int most = 0;
  for (const auto& [author, words] : named) {
    if (words == most) best.reset();
    if (words > most) best = author;
    most = std::max(most, words);
  }
  return best;
}

std::vector<Mention> mentions_in(const std::vector<Word>& words, const AuthorNames& names) {
  std::vector<Mention> mentions;
  std::vector<const std::vector<std::uint32_t>*> run;
  bool joined = false;
  const auto end_run = [&] {
    if (run.empty()) return;
    if (const auto author = meant_by_all(run)) mentions.push_back({*author, joined});
    joined = true;
    run.clear();
  };
  for (const Word& word : words) {
    if (const auto& named = names.of(word); !named.empty()) {
      run.push_back(&named);
      continue;
    }
    end_run();
    joined = joined && joins(word.text);
  }
  end_run();
  return mentions;
}

// Of several, the first is who acts in most English sentences ("What did Anna give to Ben?").
void find_author(std::string_view query, const AuthorNames& names, const Authors& authors, Intent& intent) {
  const std::vector<Word> words = split_words(query);
  const std::vector<Mention> mentions = mentions_in(words, names);
  const auto other = std::find_if(mentions.begin(), mentions.end(), [&](const Mention& mention) {
    return mention.author != mentions.front().author;
  });
  intent.alone = !mentions.empty() && other == mentions.end();
  if (intent.alone || (other != mentions.end() && !other->joined)) intent.author = mentions.front().author;
  const auto named = [&](const Word& word) { return !names.of(word).empty(); };
  const auto speaks = [](const Word& word) { return person_of(word.text) == Person::first; };
  if (!mentions.empty() || std::none_of(words.begin(), words.end(), speaks)) return;
  if (std::any_of(words.begin(), words.end(), named)) return;
  const auto& users = authors.named("user");
  if (users.size() == 1) intent.author = users.front();
}

// Who asks of 3 May does not look for the number 3.
void leave_out(std::vector<QueryTerm>& terms, const std::vector<std::string>& words) {
  std::erase_if(terms, [&](const QueryTerm& term) {
    return std::find(words.begin(), words.end(), term.folded) != words.end();
  });
}

}  // namespace

Intent intent_of(std::string_view query, const Authors& authors, const DocumentTable& documents,
                 const Parameters& parameters, const Unknown& unknown, std::chrono::sys_days today) {
  Intent intent;
  const AuthorNames names(authors, unknown);
  const bool facets = parameters.author > 1 && authors.several();
  intent.terms = query_terms(query, parameters.stemming,
                             [&](const Word& word) { return facets && !names.of(word).empty(); });
  if (facets) find_author(query, names, authors, intent);
  if (parameters.date > 0) {
    Dates dates = dates_in(query, documents.first_day(), documents.last_day(), today);
    leave_out(intent.terms, dates.words);
    intent.dates = std::move(dates.ranges);
  }
  intent.when = parameters.when > 1 && asks_for_time(query);
  intent.name = parameters.name > 1 && asks_for_name(query);
  return intent;
}

}  // namespace comem::search
