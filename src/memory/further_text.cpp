#include "memory/further_text.hpp"

namespace comem::memory {

std::vector<std::string_view> further_texts(const AnyMemory& memory) {
  if (const auto* episode = std::get_if<Episode>(&memory)) return {episode->task_prompt, episode->outcome};
  if (const auto* knowledge = std::get_if<Knowledge>(&memory))
    return {knowledge->pattern, knowledge->context};
  const auto* skill = std::get_if<Skill>(&memory);
  if (!skill) return {};
  std::vector<std::string_view> texts{skill->name, skill->description};
  for (const auto& action : skill->actions) texts.push_back(action.action);
  return texts;
}

void append_new(std::string& text, std::string_view line) {
  if (line.empty() || text.find(line) != std::string::npos) return;
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace comem::memory
