#include "search/words.hpp"

#include "search/fold.hpp"
#include "search/utf8_decode.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  WordReader reader(text);
  for (Word word; reader.next(word);) words.push_back(word);
  return words;
}

std::string fold(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint here = decode(text, at);
    append_folded(folded, here.value);
    at += here.bytes;
  }
  return folded;
}

}  // namespace comem::search
