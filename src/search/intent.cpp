#include "search/intent.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "search/words.hpp"

namespace comem::search {
namespace {

// People write of things days after they happened, and seldom before.
constexpr std::chrono::hours margin_before(2 * 24);
constexpr std::chrono::hours margin_after(7 * 24);

bool is_first_person(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 6> words{"i", "my", "me", "mine", "we", "our"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

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

std::optional<std::uint32_t> author_in(std::string_view query, const Authors& authors) {
  std::map<std::uint32_t, int> named;
  bool first_person = false;
  for (const Word& word : split_words(query)) {
    for (const std::uint32_t author : authors.named(word.text)) ++named[author];
    first_person = first_person || is_first_person(word.text);
  }
  if (named.empty() && first_person) {
    const auto& users = authors.named("user");
    if (users.size() == 1) return users.front();
  }
  return the_one(named);
}

}  // namespace

Intent intent_of(std::string_view query, const Authors& authors, const Parameters& parameters) {
  Intent intent;
  const bool facets = parameters.author > 1 && authors.several();
  intent.terms = query_terms(query, parameters.stemming,
                             [&](const Word& word) { return facets && !authors.named(word.text).empty(); });
  if (facets) intent.author = author_in(query, authors);
  if (parameters.date > 1) {
    intent.dates = dates_in(query);
    for (TimeRange& range : intent.dates) {
      range.first -= margin_before;
      range.last += margin_after;
    }
  }
  intent.when = parameters.when > 1 && asks_for_time(query);
  return intent;
}

}  // namespace comem::search
