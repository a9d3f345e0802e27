#pragma once
// From text to words: case and accents folded, possessives and contractions resolved, stop words marked,
// stems taken.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace comem::search {

struct Word {
  Word() = default;
  std::string text;       ///< folded
  std::size_t begin = 0;  ///< bytes of the original text: [begin, end)
  std::size_t end = 0;
};

/// The words of UTF-8 text. Letters and digits of all scripts make words; runs of CJK characters are cut into
/// bigrams.
std::vector<Word> split_words(std::string_view text);

/// Lower case, accents and compatibility forms removed.
std::string fold(std::string_view text);

bool is_stop_word(std::string_view folded) noexcept;

/// Porter (1980), with irregular forms brought to their base first. `folded` as split_words() gives it.
std::string stem(std::string_view folded);

/// Stems of the words that are not stop words, in order, repeated where they repeat.
std::vector<std::string> stems_of(std::string_view text);

/// `text` with every word whose stem is among those of `words` between `before` and `after`; for
/// highlighting.
std::string highlight(std::string_view text, const std::vector<std::string>& words, std::string_view before,
                      std::string_view after);

}  // namespace comem::search
