#include <string>
#include <unordered_set>

#include "search/terms.hpp"
#include "search/word_reader.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

class Wanted {
 public:
  explicit Wanted(const std::vector<std::string>& words) {
    for (const std::string& phrase : words) {
      WordReader reader(phrase);
      for (Word word; reader.next(word);) {
        term_of(word, term_);
        terms_.insert(term_);
      }
    }
  }

  bool has(const Word& word) {
    term_of(word, term_);
    return terms_.contains(term_);
  }

 private:
  std::unordered_set<std::string> terms_;
  std::string term_;  // storage to reuse
};

}  // namespace

std::string highlight(std::string_view text, const std::vector<std::string>& words, std::string_view before,
                      std::string_view after) {
  Wanted wanted(words);
  std::string marked;
  marked.reserve(text.size());
  std::size_t done = 0;
  WordReader reader(text);
  Word word;
  bool more = reader.next(word);
  while (more) {
    if (!wanted.has(word)) {
      more = reader.next(word);
      continue;
    }
    const std::size_t begin = word.begin;
    std::size_t end = word.end;
    // Bigrams overlap: those that touch are marked as one.
    while ((more = reader.next(word)) && word.begin < end) {
      if (wanted.has(word)) end = word.end;
    }
    marked.append(text.substr(done, begin - done)).append(before);
    marked.append(text.substr(begin, end - begin)).append(after);
    done = end;
  }
  return marked.append(text.substr(done));
}

}  // namespace comem::search
