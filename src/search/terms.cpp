#include "search/terms.hpp"

#include "search/irregular.hpp"
#include "search/porter.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

bool term_of(const Word& word, std::string& term, Stemming stemming) {
  if (stemming == Stemming::none) {
    term = word.text;
    return false;
  }
  if (is_stop_word(word.text)) {
    term.assign(1, ' ').append(word.text);
    return true;
  }
  term.assign(base_form(word.text));
  porter_stem(term);
  return false;
}

std::string stem(std::string_view folded) {
  std::string word(base_form(folded));
  porter_stem(word);
  return word;
}

std::vector<std::string> stems_of(std::string_view text) {
  std::vector<std::string> stems;
  WordReader reader(text);
  std::string term;
  for (Word word; reader.next(word);) {
    if (!term_of(word, term)) stems.push_back(term);
  }
  return stems;
}

}  // namespace comem::search
