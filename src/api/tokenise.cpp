#include "api/tokenise.hpp"

#include <utility>

#include "search/words.hpp"

namespace comem {

std::vector<memory::Token> tokenise(std::string_view text) {
  std::vector<memory::Token> tokens;
  for (auto& word : search::split_words(text)) {
    memory::Token& token = tokens.emplace_back();
    token.stops = search::is_stop_word(word.text);
    token.stem = token.stops ? word.text : search::stem(word.text);
    token.folded = std::move(word.text);
    token.begin = word.begin;
    token.end = word.end;
  }
  return tokens;
}

}  // namespace comem
