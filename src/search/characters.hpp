#pragma once
// What a code point does to words.

namespace comem::search {

enum class CharacterClass {
  letter,     ///< letters, digits and vowel signs of scripts that put spaces between words
  spaceless,  ///< of scripts whose words cannot be told by spaces: Han, Kana, Hangul, Thai, Lao, Khmer,
              ///< Burmese
  ignored,    ///< accents and joiners: part of a word without being heard in it
  separator,  ///< everything else, emoji and apostrophes included
};

CharacterClass class_beyond_ascii(char32_t code_point) noexcept;

// Inline for ASCII, since it is asked of every character of every text.
inline CharacterClass class_of(char32_t code_point) noexcept {
  if (code_point >= 0x80) return class_beyond_ascii(code_point);
  const char32_t lower = code_point | 0x20;
  const bool letter = (lower >= U'a' && lower <= U'z') || (code_point >= U'0' && code_point <= U'9');
  return letter ? CharacterClass::letter : CharacterClass::separator;
}

inline bool is_apostrophe(char32_t code_point) noexcept {
  return code_point == U'\'' || code_point == 0x2019 || code_point == 0x2018 || code_point == 0x02BC ||
         code_point == 0xFF07;
}

}  // namespace comem::search
