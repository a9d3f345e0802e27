#include "memory/compared_text.hpp"

#include <fmt/format.h>

#include <string_view>

#include "memory/further_text.hpp"

namespace comem::memory {

std::string compared_text(const AnyMemory& memory) {
  if (std::holds_alternative<Skill>(memory)) return {};
  const Memory& base = common(memory);
  std::string text = base.content;
  if (!base.author.empty() && text.starts_with(base.author + ":")) text.erase(0, base.author.size() + 1);
  if (std::holds_alternative<Episode>(memory) && !text.empty()) return text;
  for (const std::string_view part : further_texts(memory)) append_new(text, part);
  return text;
}

std::string compared_group(const AnyMemory& memory) {
  const Memory& base = common(memory);
  const auto* episode = std::get_if<Episode>(&memory);
  return fmt::format("{}:{:d}:{}:{}:{}", name_of(base.type), !episode || episode->success, base.kind.size(),
                     base.kind, base.author);
}

}  // namespace comem::memory
