#include "memory/prose.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/utf8.hpp"

namespace comem::memory {

std::string cut_with_dots(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view dots = "...";
  if (text.size() <= max_bytes) return std::string(text);
  if (max_bytes < dots.size()) return std::string(cut_utf8(text, max_bytes));
  return std::string(cut_utf8(text, max_bytes - dots.size())).append(dots);
}

namespace {

/// The bytes that a sentence's end takes at text[at], or 0.
std::size_t sentence_end(std::string_view text, std::size_t at) noexcept {
  const char c = text[at];
  if (c == '.' || c == '!' || c == '?') return at + 1 == text.size() || text[at + 1] == ' ' ? 1 : 0;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  for (const std::string_view mark : {"\u3002", "\uff01", "\uff1f", "\u0964", "\u061f", "\u06d4"})
    if (text.substr(at).starts_with(mark)) return mark.size();
  return 0;
}

}  // namespace

std::string_view whole_sentences(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  std::size_t end = 0;
  for (std::size_t at = 0; at < max_bytes; ++at) {
    const std::size_t bytes = sentence_end(text, at);
    if (bytes > 0 && at + bytes <= max_bytes) end = at + bytes;
    if (text.substr(at).starts_with(" | ")) end = at;
  }
  return text.substr(0, end);
}

std::string_view leading_sentence(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (const std::size_t bytes = sentence_end(text, at); bytes > 0) return text.substr(0, at + bytes);
    if (at > 0 && text.substr(at).starts_with(" | ")) return text.substr(0, at);
  }
  return text;
}

std::string cut_at_word(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes || max_bytes < 8) return cut_with_dots(text, max_bytes);
  const std::size_t space = text.rfind(' ', max_bytes - 3);
  return cut_with_dots(text, space == std::string_view::npos || space == 0 ? max_bytes : space + 3);
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string line;
  line.reserve(std::min(text.size(), max_bytes + 1));
  bool space = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      space = !line.empty();
      continue;
    }
    if (space) line += ' ';
    space = false;
    line += c;
    if (line.size() > max_bytes + 4) break;  // enough to know that it must be cut
  }
  return cut_with_dots(line, max_bytes);
}

std::string listed(const std::vector<std::string>& names, std::size_t more) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  if (more > 0) text += fmt::format(" and {} more", more);
  return text;
}

}  // namespace comem::memory
