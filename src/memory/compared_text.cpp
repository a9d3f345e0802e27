#include "memory/compared_text.hpp"

#include <fmt/format.h>

namespace comem::memory {
namespace {

void append_new(std::string& text, const std::string& part) {
  if (part.empty() || text.find(part) != std::string::npos) return;
  if (!text.empty()) text += '\n';
  text += part;
}

}  // namespace

std::string compared_text(const AnyMemory& memory) {
  if (std::holds_alternative<Skill>(memory)) return {};
  const Memory& base = common(memory);
  std::string text = base.content;
  if (!base.author.empty() && text.starts_with(base.author + ":")) text.erase(0, base.author.size() + 1);
  if (const auto* episode = std::get_if<Episode>(&memory); episode && text.empty()) {
    append_new(text, episode->task_prompt);
    append_new(text, episode->outcome);
  } else if (const auto* knowledge = std::get_if<Knowledge>(&memory)) {
    append_new(text, knowledge->pattern);
    append_new(text, knowledge->context);
  }
  return text;
}

std::string compared_group(const AnyMemory& memory) {
  const Memory& base = common(memory);
  const auto* episode = std::get_if<Episode>(&memory);
  return fmt::format("{}:{:d}:{}:{}:{}", name_of(base.type), !episode || episode->success, base.kind.size(),
                     base.kind, base.author);
}

}  // namespace comem::memory
