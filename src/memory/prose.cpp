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
