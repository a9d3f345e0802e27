#include "core/utf8.hpp"

#include <comem/error.hpp>

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace comem {
namespace {

/// Where characters of one byte end, from `at` on; eight of them are looked at together.
std::size_t end_of_ascii(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080u;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & high_bits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

/// Length of the well-formed character at text[at], or 0.
std::size_t character_length(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  const unsigned char second = byte(at + 1);
  if (lead == 0xe0 && second < 0xa0) return 0;  // overlong
  if (lead == 0xed && second > 0x9f) return 0;  // surrogate
  if (lead == 0xf0 && second < 0x90) return 0;  // overlong
  if (lead == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
  return length;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    at = end_of_ascii(text, at);
    if (at == text.size()) break;
    const auto length = character_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool is_text(std::string_view text, std::size_t max_bytes) noexcept {
  return text.size() <= max_bytes && text.find('\0') == std::string_view::npos && is_utf8(text);
}

void check_text(std::string_view text, std::string_view what, std::size_t max_bytes) {
  if (is_text(text, max_bytes)) return;
  if (text.size() > max_bytes)
    throw Error(errc::invalid_argument,
                fmt::format("{} has {} bytes; at most {} are allowed", what, text.size(), max_bytes));
  if (text.find('\0') != std::string_view::npos)
    throw Error(errc::invalid_argument, fmt::format("{} contains a NUL byte", what));
  throw Error(errc::invalid_argument, fmt::format("{} is not valid UTF-8", what));
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (out.size() >= 80) return out + "...";
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto length = character_length(text, at);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
      ++at;
    } else {
      out.append(text.substr(at, length));
      at += length;
    }
  }
  return out;
}

}  // namespace comem
