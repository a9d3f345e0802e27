#include "memory/wording.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace comem::memory {
namespace {

using Word = Wording::Word;
using Words = std::vector<Word>;

Word hash(std::string_view text) noexcept {
  return static_cast<Word>(std::hash<std::string_view>()(text));
}

void sort_unique(Words& words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

bool has(const Words& sorted, Word word) noexcept {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

bool is_ascii_alnum(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Latin, Greek and Cyrillic capitals; other scripts have none, or hardly any.
bool begins_with_capital(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 'A' && first <= 'Z';
  if (text.size() < 2) return false;
  const unsigned second = static_cast<unsigned char>(text[1]);
  if (first == 0xC3) return second >= 0x80 && second <= 0x9E && second != 0x97;
  if (first == 0xC4 || first == 0xC5) {
    const unsigned value = ((first & 0x1Fu) << 6) | (second & 0x3Fu);
    const bool odd_are_capitals = (value >= 0x139 && value <= 0x148) || value >= 0x179;
    return (value % 2 == 1) == odd_are_capitals;
  }
  if (first == 0xCE) return second >= 0x86 && second <= 0xAB;
  return first == 0xD0 && second <= 0xAF;
}

bool has_digit(std::string_view folded) noexcept {
  return folded.find_first_of("0123456789") != std::string_view::npos;
}

/// Reads the tokens of one text.
class Reader {
 public:
  Reader(std::string_view text, const std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  Wording read() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) take(i);
    if (denying_) wording_.denied.push_back(0);
    std::sort(wording_.denied.begin(), wording_.denied.end());
    sort_unique(wording_.names);
    sort_unique(wording_.maybe_names);
    keep_first_occurrences();
    if (wording_.words.empty())
      for (const auto& token : tokens_) wording_.plain += token.folded + ' ';
    return std::move(wording_);
  }

 private:
  void take(std::size_t i) {
    const Token& token = tokens_[i];
    for (const auto side : sides_of(token.folded, token.stem)) wording_.opposites.push_back(side);
    const bool denies_next = denies(token.folded);
    if (!token.stops) take_content(i, denies_next);
    if (!denies_next) return;
    const bool spaceless = static_cast<unsigned char>(token.folded.front()) >= 0xE0;
    if (spaceless) {
      wording_.denied.push_back(hash(token.folded));
    } else {
      if (denying_) wording_.denied.push_back(0);
      denying_ = true;
    }
  }

  void take_content(std::size_t i, bool denies_next) {
    const Token& token = tokens_[i];
    const std::string key = key_of(i);
    const Word word = hash(key);
    wording_.sequence.push_back(word);
    if (denying_ && !denies_next) {
      wording_.denied.push_back(word);
      denying_ = false;
    }
    if (has_digit(token.folded)) wording_.numbers.push_back(word);
    if (const auto rest = without_denial(token.stem); !rest.empty())
      wording_.without_un.emplace_back(word, hash(rest));
    if (is_literal(token.folded) || is_identifier(i) || key.size() > token.stem.size())
      wording_.names.push_back(word);
    else if (begins_with_capital(text_.substr(token.begin)))
      (is_within_sentence(i) ? wording_.names : wording_.maybe_names).push_back(word);
  }

  /// The stem; a number with its sign, and what "C++" has behind it.
  std::string key_of(std::size_t i) const {
    const Token& token = tokens_[i];
    std::string key = token.stem;
    if (has_digit(key) && token.begin > 0 && text_[token.begin - 1] == '-' &&
        (token.begin == 1 || text_[token.begin - 2] == ' '))
      key.insert(key.begin(), '-');
    std::size_t end = token.end;
    while (end < text_.size() && (text_[end] == '+' || text_[end] == '#')) ++end;
    if (end > token.end && (end == text_.size() || !is_ascii_alnum(text_[end])))
      key += text_.substr(token.end, end - token.end);
    return key;
  }

  std::string_view gap_before(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : tokens_[i - 1].end;
    if (tokens_[i].begin < begin) return {};  // bigrams overlap
    return text_.substr(begin, tokens_[i].begin - begin);
  }

  bool is_within_sentence(std::size_t i) const {
    return i > 0 && gap_before(i).find_first_not_of(" ,-'") == std::string_view::npos;
  }

  /// "src/api", "a.b", "x_y", "camelCase".
  bool is_identifier(std::size_t i) const {
    const auto joined = [&](std::size_t k) {
      const auto gap = gap_before(k);
      return !gap.empty() && gap.find_first_not_of("._/@:\\=") == std::string_view::npos;
    };
    if ((i > 0 && joined(i)) || (i + 1 < tokens_.size() && joined(i + 1))) return true;
    const auto written = text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
    return !begins_with_capital(written) &&
           std::any_of(written.begin(), written.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  }

  void keep_first_occurrences() {
    wording_.words = wording_.sequence;
    sort_unique(wording_.words);
    if (wording_.words.size() == wording_.sequence.size()) return;
    std::vector<bool> seen(wording_.words.size());
    std::erase_if(wording_.sequence, [&](Word word) {
      const auto at = std::lower_bound(wording_.words.begin(), wording_.words.end(), word);
      const auto place = static_cast<std::size_t>(at - wording_.words.begin());
      if (seen[place]) return true;
      seen[place] = true;
      return false;
    });
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  Wording wording_;
  bool denying_ = false;  // a negation whose word has not come yet
};

std::size_t common_words(const Words& a, const Words& b) noexcept {
  std::size_t common = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) {
      ++common;
      ++x;
      ++y;
    } else if (*x < *y) {
      ++x;
    } else {
      ++y;
    }
  }
  return common;
}

bool lacks_any(const Words& words, const Wording& other) noexcept {
  return std::any_of(words.begin(), words.end(), [&](Word word) { return !has(other.words, word); });
}

bool names_differ(const Wording& a, const Wording& b) {
  if (lacks_any(a.names, b) || lacks_any(b.names, a)) return true;
  // One more word at the beginning is a word; one in the place of another may be a name.
  if (lacks_any(a.maybe_names, b) && lacks_any(b.maybe_names, a)) return true;
  const auto in_order = [&](const Wording& wording) {
    Words order;
    for (const Word word : wording.sequence)
      if (has(a.names, word) || has(b.names, word)) order.push_back(word);
    return order;
  };
  return in_order(a) != in_order(b);
}

/// Whether in any pair of opposites both take sides, and not the same ones in the same order.
bool sides_differ(const Wording& a, const Wording& b) {
  const auto sides_in = [](const Wording& wording, std::uint16_t pair) {
    std::vector<bool> sides;
    for (const auto side : wording.opposites)
      if (side.pair == pair) sides.push_back(side.second);
    return sides;
  };
  return std::any_of(a.opposites.begin(), a.opposites.end(), [&](const Opposite& side) {
    const auto theirs = sides_in(b, side.pair);
    return !theirs.empty() && theirs != sides_in(a, side.pair);
  });
}

bool one_undoes(const Wording& a, const Wording& b) {
  return std::any_of(a.without_un.begin(), a.without_un.end(), [&](const auto& word) {
    return !has(b.words, word.first) && has(b.words, word.second) && !has(a.words, word.second);
  });
}

/// The words that are no numbers.
Words subject_of(const Wording& wording) {
  Words subject = wording.words;
  std::erase_if(subject, [&](Word word) {
    return std::find(wording.numbers.begin(), wording.numbers.end(), word) != wording.numbers.end();
  });
  return subject;
}

}  // namespace

Wording wording_of(std::string_view text, const std::vector<Token>& tokens) {
  return Reader(text, tokens).read();
}

double similarity(const Wording& a, const Wording& b) noexcept {
  const std::size_t common = common_words(a.words, b.words);
  const std::size_t either = a.words.size() + b.words.size() - common;
  return either == 0 ? 0.0 : static_cast<double>(common) / static_cast<double>(either);
}

bool differ_decisively(const Wording& a, const Wording& b) {
  return a.numbers != b.numbers || a.denied != b.denied || names_differ(a, b) || sides_differ(a, b) ||
         one_undoes(a, b) || one_undoes(b, a);
}

bool say_the_same(const Wording& a, const Wording& b, double least) {
  if (a.words.empty() || b.words.empty()) return !a.plain.empty() && a.plain == b.plain && a.words == b.words;
  // What costs least comes first: most pairs that are compared differ.
  const std::size_t shorter = std::min(a.words.size(), b.words.size()),
                    longer = std::max(a.words.size(), b.words.size());
  if (static_cast<double>(shorter) < least * static_cast<double>(longer) - 1e-9) return false;
  if (a.numbers != b.numbers || a.denied != b.denied) return false;
  return similarity(a, b) >= least - 1e-9 && !differ_decisively(a, b);
}

bool disagree(const Wording& a, const Wording& b) {
  const std::size_t shorter = std::min(a.words.size(), b.words.size());
  const std::size_t of_numbers = std::max(a.numbers.size(), b.numbers.size());
  if (common_words(a.words, b.words) * 2 + of_numbers <= shorter) return false;  // most pairs end here
  const Words mine = subject_of(a), theirs = subject_of(b);
  const std::size_t common = common_words(mine, theirs), least = std::min(mine.size(), theirs.size());
  if (common == 0 || common * 2 <= least) return false;
  const bool same_subject = common == mine.size() && common == theirs.size();
  if (common < 2 && !same_subject) return false;
  // A long text has many words of a short one by chance.
  if (common * 3 <= std::max(mine.size(), theirs.size())) return false;
  return differ_decisively(a, b) || (common < mine.size() && common < theirs.size());
}

}  // namespace comem::memory
