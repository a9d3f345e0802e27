#include "search/porter.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

namespace comem::search {
namespace {

// A word is [C](VC)^m[V] in runs of consonants C and vowels V; m is its measure. A y is a vowel after a
// consonant.

bool is_vowel_letter(char c) noexcept {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

// Whether the letter at `at` is a consonant. Of a run of y's every other one is.
bool is_consonant(std::string_view word, std::size_t at) noexcept {
  bool flip = false;
  while (word[at] == 'y' && at > 0) {
    --at;
    flip = !flip;
  }
  const bool consonant = !is_vowel_letter(word[at]);
  return flip ? !consonant : consonant;
}

std::size_t measure(std::string_view stem) noexcept {
  std::size_t m = 0;
  bool after_vowel = false;
  bool consonant = false;
  for (std::size_t i = 0; i < stem.size(); ++i) {
    const char c = stem[i];
    consonant = c == 'y' ? i == 0 || !consonant : !is_vowel_letter(c);
    if (consonant && after_vowel) ++m;
    after_vowel = !consonant;
  }
  return m;
}

bool has_vowel(std::string_view stem) noexcept {
  for (std::size_t i = 0; i < stem.size(); ++i) {
    if (!is_consonant(stem, i)) return true;
  }
  return false;
}

bool ends_double_consonant(std::string_view word) noexcept {
  const std::size_t n = word.size();
  return n >= 2 && word[n - 1] == word[n - 2] && is_consonant(word, n - 1);
}

// Consonant, vowel, consonant other than w, x, y: the ending of a short syllable such as -wil, -hop.
bool ends_short(std::string_view word) noexcept {
  const std::size_t n = word.size();
  if (n < 3) return false;
  const char last = word[n - 1];
  return is_consonant(word, n - 3) && !is_consonant(word, n - 2) && is_consonant(word, n - 1) &&
         last != 'w' && last != 'x' && last != 'y';
}

std::string_view without(std::string_view word, std::size_t letters) noexcept {
  return word.substr(0, word.size() - letters);
}

// From the end on, as most suffixes differ in their last letters.
bool has_suffix(std::string_view word, std::string_view suffix) noexcept {
  return word.size() >= suffix.size() && std::equal(suffix.rbegin(), suffix.rend(), word.rbegin());
}

struct Rule {
  std::string_view suffix, replacement;
};

// The first rule whose suffix the word has decides, whether or not its condition (measure above `least`)
// holds; so a longer suffix must stand before a shorter one that it ends in.
void apply_first(std::string& word, std::span<const Rule> rules, std::size_t least) {
  for (const Rule& rule : rules) {
    if (!has_suffix(word, rule.suffix)) continue;
    const std::string_view stem = without(word, rule.suffix.size());
    if (measure(stem) > least) word.replace(stem.size(), rule.suffix.size(), rule.replacement);
    return;
  }
}

// Plurals.
void step_1a(std::string& word) {
  if (word.ends_with("sses") || word.ends_with("ies")) {
    word.resize(word.size() - 2);
  } else if (word.ends_with('s') && !word.ends_with("ss")) {
    word.pop_back();
  }
}

// Puts right what taking off -ed or -ing left: conflat(ed) gets its e back, hopp(ing) loses a p.
void repair(std::string& word) {
  const char last = word.back();
  if (word.ends_with("at") || word.ends_with("bl") || word.ends_with("iz")) {
    word += 'e';
  } else if (ends_double_consonant(word)) {
    if (last != 'l' && last != 's' && last != 'z') word.pop_back();
  } else if (measure(word) == 1 && ends_short(word)) {
    word += 'e';
  }
}

// Past tenses and participles.
void step_1b(std::string& word) {
  if (word.ends_with("eed")) {
    if (measure(without(word, 3)) > 0) word.pop_back();
    return;
  }
  for (const std::string_view suffix : {std::string_view("ed"), std::string_view("ing")}) {
    if (!word.ends_with(suffix) || !has_vowel(without(word, suffix.size()))) continue;
    word.resize(word.size() - suffix.size());
    repair(word);
    return;
  }
}

void step_1c(std::string& word) {
  if (word.ends_with('y') && has_vowel(without(word, 1))) word.back() = 'i';
}

constexpr Rule double_suffixes[] = {
    {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
    {"abli", "able"},   {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
    {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
    {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"}};
constexpr Rule adjective_suffixes[] = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
                                       {"ical", "ic"},  {"ful", ""},   {"ness", ""}};
constexpr Rule last_suffixes[] = {{"al", ""},   {"ance", ""}, {"ence", ""}, {"er", ""},    {"ic", ""},
                                  {"able", ""}, {"ible", ""}, {"ant", ""},  {"ement", ""}, {"ment", ""},
                                  {"ent", ""},  {"ou", ""},   {"ism", ""},  {"ate", ""},   {"iti", ""},
                                  {"ous", ""},  {"ive", ""},  {"ize", ""}};

void step_4(std::string& word) {
  if (word.ends_with("sion") || word.ends_with("tion")) {
    if (measure(without(word, 3)) > 1) word.resize(word.size() - 3);
    return;
  }
  apply_first(word, last_suffixes, 1);
}

// A final e, and one of two l's.
void step_5(std::string& word) {
  if (word.ends_with('e')) {
    const std::string_view stem = without(word, 1);
    const std::size_t m = measure(stem);
    if (m > 1 || (m == 1 && !ends_short(stem))) word.pop_back();
  }
  if (word.ends_with("ll") && measure(word) > 1) word.pop_back();
}

}  // namespace

void porter_stem(std::string& word) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (word.size() < 3 || !std::all_of(word.begin(), word.end(), is_letter)) return;
  step_1a(word);
  step_1b(word);
  step_1c(word);
  apply_first(word, double_suffixes, 0);
  apply_first(word, adjective_suffixes, 0);
  step_4(word);
  step_5(word);
}

}  // namespace comem::search
