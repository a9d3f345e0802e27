#include "memory/embedded_text.hpp"

#include "core/sha1.hpp"
#include "core/utf8.hpp"

namespace comem::memory {
namespace {

/// What the text does not say yet.
void add(std::string& text, const std::string& part) {
  if (part.empty() || text.find(part) != std::string::npos) return;
  if (!text.empty()) text += '\n';
  text += part;
}

}  // namespace

std::string embedded_text(const AnyMemory& memory) {
  const Memory& base = common(memory);
  std::string text = base.content;
  if (const auto* episode = std::get_if<Episode>(&memory)) {
    add(text, episode->task_prompt);
    add(text, episode->outcome);
  } else if (const auto* knowledge = std::get_if<Knowledge>(&memory)) {
    add(text, knowledge->pattern);
    add(text, knowledge->context);
  } else if (const auto* skill = std::get_if<Skill>(&memory)) {
    add(text, skill->name);
    add(text, skill->description);
    for (const auto& action : skill->actions) add(text, action.action);
  }
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
