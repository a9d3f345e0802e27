#pragma once
// One code point at a time out of text that may be anything. It knows nothing of what the code points mean.

#include <cstddef>
#include <string>
#include <string_view>

namespace comem::search {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
};

/// Stands for a byte that is no UTF-8; a separator to everything here.
inline constexpr char32_t malformed = 0xFFFD;

/// The code point at text[at] (at < text.size()). A byte that does not begin a well-formed sequence is
/// malformed and one byte long, so a reader always gets on and never skips good text.
inline CodePoint decode(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() - at < bytes) return {malformed, 1};
  char32_t value = first & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const unsigned next = byte(at + i);
    if ((next & 0xC0) != 0x80) return {malformed, 1};
    value = (value << 6) | (next & 0x3F);
  }
  const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {malformed, 1};
  return {value, bytes};
}

inline void append_utf8(std::string& out, char32_t value) {
  const auto put = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (value < 0x80) return put(value);
  if (value < 0x800) {
    put(0xC0 | (value >> 6));
  } else {
    if (value < 0x10000) {
      put(0xE0 | (value >> 12));
    } else {
      put(0xF0 | (value >> 18));
      put(0x80 | ((value >> 12) & 0x3F));
    }
    put(0x80 | ((value >> 6) & 0x3F));
  }
  put(0x80 | (value & 0x3F));
}

}  // namespace comem::search
