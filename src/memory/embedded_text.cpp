#include "memory/embedded_text.hpp"

#include <string_view>

#include "core/sha1.hpp"
#include "core/utf8.hpp"
#include "memory/further_text.hpp"

namespace comem::memory {

std::string embedded_text(const AnyMemory& memory) {
  const Memory& base = common(memory);
  std::string text = base.content;
  for (const std::string_view part : further_texts(memory)) append_new(text, part);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return {};
  if (!base.author.empty() && text.find(base.author) == std::string::npos) text = base.author + ": " + text;
  return std::string(cut_utf8(text, most_embedded_bytes));
}

std::string hash_of_text(std::string_view text) {
  if (text.empty()) return {};
  const auto hash = sha1(text);
  return std::string(hash.begin(), hash.end());
}

}  // namespace comem::memory
