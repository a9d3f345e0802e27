#include "search/intent.hpp"

#include <algorithm>
#include <array>
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

// Two names with no more than this between them are asked about together.
bool joins(std::string_view folded) noexcept {
  constexpr std::array<std::string_view, 9> words{"and", "or", "nor", "und", "oder", "et", "ou", "y", "e"};
  return std::find(words.begin(), words.end(), folded) != words.end();
}

struct Mention {
  std::optional<std::uint32_t> author;  // nobody: a list of names, or one that several have
  bool joined = false;                  // to the one before it
};

class Mentions {
 public:
  Mentions(std::string_view query, const AuthorNames& names, const Authors& authors)
      : query_(query), names_(names) {
    if (const auto& users = authors.named("user"); users.size() == 1) user_ = users.front();
    for (const Word& word : split_words(query)) read(word);
    end_run();
  }

  const std::vector<Mention>& all() const noexcept { return all_; }
  /// The author "user", where the query speaks in the first person.
  std::optional<std::uint32_t> speaker() const noexcept { return speaks_ ? user_ : std::nullopt; }
  /// The same where it does before it names anybody: "What did I tell Anna?"
  bool user_acts() const noexcept { return acts_; }

 private:
  void read(const Word& word) {
    speaks_ = speaks_ || person_of(word.text) == Person::first;
    if ((word.text == "i" || word.text == "we") && user_ && all_.empty() && run_.empty()) acts_ = true;
    const auto& named = names_.of(word);
    if (!named.empty() && (!is_doubtful(word) || goes_on(named))) {
      run_.push_back(&named);
      return;
    }
    end_run();
    joined_ = joined_ && joins(word.text);
  }

  // "Will" may be a name, but the "will" of a question is none.
  bool is_doubtful(const Word& word) const {
    const bool capital = query_[word.begin] >= 'A' && query_[word.begin] <= 'Z';
    return (word.text.size() == 1 || is_stop_word(word.text)) && (!capital || word.begin == 0);
  }

  // Whether a word of these belongs to the name under way.
  bool goes_on(const std::vector<std::uint32_t>& named) const {
    return !run_.empty() && std::any_of(named.begin(), named.end(), [&](std::uint32_t one) {
      return std::find(run_.back()->begin(), run_.back()->end(), one) != run_.back()->end();
    });
  }

  // Words in a row are one name, of the only author that has them all.
  void end_run() {
    if (run_.empty()) return;
    std::vector<std::uint32_t> authors = *run_.front();
    for (const auto* named : run_)
      std::erase_if(authors, [&](std::uint32_t one) {
        return std::find(named->begin(), named->end(), one) == named->end();
      });
    all_.push_back({authors.size() == 1 ? std::optional(authors.front()) : std::nullopt, joined_});
    joined_ = true;
    run_.clear();
  }

  const std::string_view query_;
  const AuthorNames& names_;
  std::optional<std::uint32_t> user_;
  std::vector<Mention> all_;
  std::vector<const std::vector<std::uint32_t>*> run_;
  bool joined_ = false, speaks_ = false, acts_ = false;
};

// Of several, the first is who acts in most English sentences ("What did Anna give to Ben?").
void find_author(std::string_view query, const AuthorNames& names, const Authors& authors, Intent& intent) {
  const Mentions mentions(query, names, authors);
  const auto& all = mentions.all();
  if (all.empty() || mentions.user_acts()) {
    intent.author = mentions.speaker();
    return;
  }
  const auto other = std::find_if(
      all.begin(), all.end(), [&](const Mention& mention) { return mention.author != all.front().author; });
  intent.alone = all.front().author && other == all.end();
  if (other == all.end() || !other->joined) intent.author = all.front().author;
}

}  // namespace

Intent intent_of(std::string_view query, const Authors& authors, const DocumentTable& documents,
                 const Parameters& parameters, const Unknown& unknown, std::chrono::sys_days today) {
  Intent intent;
  const AuthorNames names(authors, unknown);
  const bool facets = parameters.author > 1 && authors.several();
  Dates dates;
  if (parameters.date > 0) dates = dates_in(query, documents.first_day(), documents.last_day(), today);
  intent.terms = query_terms(query, parameters.stemming, [&](const Word& word) {
    if (std::find(dates.words.begin(), dates.words.end(), word.begin) != dates.words.end()) return Role::date;
    const bool initial = word.text.size() == 1;  // of "Anna B. Smith", or a word of its own
    return facets && !initial && !names.of(word).empty() ? Role::name : Role::search;
  });
  intent.dates = std::move(dates.ranges);
  if (facets) find_author(query, names, authors, intent);
  intent.when = parameters.when > 1 && asks_for_time(query);
  intent.name = parameters.name > 1 && asks_for_name(query);
  return intent;
}

}  // namespace comem::search
