#pragma once
// Folding of single code points: lower case, without accents, compatibility forms as what they stand for.

#include <string>

namespace comem::search {

void append_folded_beyond_ascii(std::string& out, char32_t code_point);

inline char32_t ascii_lower(char32_t c) noexcept {
  return c >= U'A' && c <= U'Z' ? c + 32 : c;
}

/// Appends the folded form of `code_point` to `out`: one character, two for ligatures and the like, none for
/// accents.
inline void append_folded(std::string& out, char32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(ascii_lower(code_point));
  } else {
    append_folded_beyond_ascii(out, code_point);
  }
}

}  // namespace comem::search
