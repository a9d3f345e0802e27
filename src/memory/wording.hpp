#pragma once
// What a text says, made ready to be compared with others: whether two say the same, or disagree. Without a
// model: by their words, where a number, a name, a negation or an opposite counts more than any number of
// equal words.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/decisive_words.hpp"

namespace comem::memory {

/// A word of a text, as search cuts it.
struct Token {
  Token() = default;
  std::string folded;
  std::string stem;
  std::size_t begin = 0, end = 0;  ///< bytes of the text
  bool stops = false;              ///< says how the sentence is built, rather than what it is about
};

/// Cuts a text into its words. The rules of words belong to search, which this module does not know.
using Tokenise = std::vector<Token> (*)(std::string_view text);

struct Wording {
  Wording() = default;

  /// Words stand here by a hash of their stem: equal words have equal numbers.
  using Word = std::uint32_t;

  std::vector<Word> words;          ///< of content, each once, ascending
  std::vector<Word> sequence;       ///< the same in the order of the text
  std::vector<Word> numbers;        ///< in the order of the text, with their signs
  std::vector<Word> names;          ///< capitals within a sentence, identifiers, hours and days: ascending
  std::vector<Word> maybe_names;    ///< capitals that may only begin a sentence
  std::vector<Word> denied;         ///< what follows each negation, ascending
  std::vector<Opposite> opposites;  ///< in the order of the text
  std::vector<std::pair<Word, Word>> without_un;  ///< "unhappy" and the like, with what is left without it
  std::string plain;                              ///< all words, where none is of content

  bool empty() const noexcept { return words.empty() && plain.empty(); }
};

Wording wording_of(std::string_view text, const std::vector<Token>& tokens);

/// Jaccard index of the words of content: what both have, of what either has. Zero for empty ones.
double similarity(const Wording& a, const Wording& b) noexcept;

/// Whether the two differ in what decides: other numbers (or in another order), another name, something
/// denied in one alone, an opposite ("on" and "off", "enable" and "disable", "my" and "your").
bool differ_decisively(const Wording& a, const Wording& b);

/// Whether the two say nearly the same: a similarity of at least `least`, and no decisive difference. Texts
/// without a word of content do when all their words are equal. Symmetric.
bool say_the_same(const Wording& a, const Wording& b, double least);

/// Whether the two speak of one thing and say different things of it: at least two words of content, and more
/// than half of those of the shorter one, are common, and they differ decisively or each has a word that the
/// other lacks. Symmetric. A guess: "Anna saw Rome" and "Anna saw Oslo" may both be true.
bool disagree(const Wording& a, const Wording& b);

}  // namespace comem::memory
