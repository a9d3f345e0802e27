#include "search/naming.hpp"

#include <string>
#include <unordered_set>

namespace comem::search {
namespace {

bool is_small(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

// What has a name of its own; folded.
bool is_named_thing(const std::string& folded) {
  static const std::unordered_set<std::string_view> things{
      "name",   "called",     "title",  "titled",     "book",     "movie",  "film",     "song",
      "band",   "game",       "show",   "series",     "author",   "artist", "actor",    "singer",
      "album",  "restaurant", "brand",  "company",    "store",    "shop",   "city",     "country",
      "state",  "place",      "school", "university", "team",     "person", "people",   "town",
      "island", "park",       "museum", "beach",      "mountain", "tool",   "character"};
  if (things.contains(folded)) return true;
  if (folded == "cities" || folded == "countries" || folded == "companies" || folded == "universities" ||
      folded == "beaches")
    return true;
  return folded.ends_with('s') && things.contains(std::string_view(folded).substr(0, folded.size() - 1));
}

}  // namespace

bool looks_like_name(std::string_view text, const Word& word) noexcept {
  if (word.begin < 2 || word.begin + 1 >= text.size()) return false;
  const char first = text[word.begin];
  if (first < 'A' || first > 'Z' || !is_small(text[word.begin + 1]) || text[word.begin - 1] != ' ')
    return false;
  const char before = text[word.begin - 2];
  return is_small(before) || before == ',' || before == ';';
}

bool asks_for_name(std::string_view query) {
  bool which = false;
  for (const Word& word : split_words(query)) {
    if (word.text == "who" || word.text == "whose" || word.text == "where") return true;
    if (which && is_named_thing(word.text)) return true;
    which = which || word.text == "what" || word.text == "which";
  }
  return false;
}

}  // namespace comem::search
