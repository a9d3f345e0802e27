#include "memory/convert.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/utf8.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t max_pattern_bytes = 200;

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

template <class Kind>
Kind with_shared(const Memory& memory) {
  Kind kind;
  const auto default_kind = kind.kind;
  static_cast<Memory&>(kind) = memory;
  if (kind.kind.empty()) kind.kind = default_kind;
  return kind;
}

std::string skill_name(const Memory& memory) {
  if (!memory.id.empty()) return memory.id;
  const std::string_view text = memory.content;
  const auto name = trim(text.substr(0, text.find(':')));
  if (name.empty() || name.size() > max_id_bytes)
    throw Error(
        errc::invalid_argument,
        fmt::format(
            "the skill has no name; give an id, or begin the text with a name of at most {} bytes and "
            "a colon",
            max_id_bytes));
  return std::string(name);
}

}  // namespace

std::string first_sentence(std::string_view text) {
  text = trim(text);
  std::size_t end = text.find('\n');
  for (std::size_t at = text.find_first_of(".!?"); at != std::string_view::npos && at < end;
       at = text.find_first_of(".!?", at + 1))
    if (at + 1 < text.size() && is_space(text[at + 1])) end = at + 1;
  return std::string(trim(cut_utf8(text.substr(0, end), max_pattern_bytes)));
}

AnyMemory typed(const Memory& memory) {
  switch (memory.type) {
    case MemoryType::episodic:
      return with_shared<Episode>(memory);
    case MemoryType::semantic: {
      auto knowledge = with_shared<Knowledge>(memory);
      knowledge.pattern = first_sentence(memory.content);
      return knowledge;
    }
    case MemoryType::skill: {
      auto skill = with_shared<Skill>(memory);
      skill.name = skill_name(memory);
      return skill;
    }
    case MemoryType::working:
    case MemoryType::session:
      break;
  }
  throw Error(
      errc::invalid_argument,
      fmt::format("type {} cannot be remembered; use episodic, semantic or skill", name_of(memory.type)));
}

}  // namespace comem::memory
