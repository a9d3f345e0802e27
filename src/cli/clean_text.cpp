#include "cli/clean_text.hpp"

#include <algorithm>

#include "core/utf8.hpp"

namespace comem::cli {
namespace {

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = 0;
    for (std::size_t n = 1; n <= 4 && n <= text.size() && length == 0; ++n) {
      if (is_utf8(text.substr(0, n))) length = n;
    }
    out += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace

bool is_blank(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

std::string clean_text(std::string_view text, std::size_t max_bytes) {
  std::string clean = is_utf8(text) ? std::string(text) : repaired(text);
  std::replace(clean.begin(), clean.end(), '\0', ' ');
  clean.resize(cut_utf8(clean, max_bytes).size());
  return clean;
}

}  // namespace comem::cli
