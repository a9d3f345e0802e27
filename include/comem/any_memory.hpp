#pragma once
// One long-term memory of any type.

#include <comem/episode.hpp>
#include <comem/knowledge.hpp>
#include <comem/skill.hpp>

#include <variant>

namespace comem {

using AnyMemory = std::variant<Episode, Knowledge, Skill>;

/// What all types have in common; the reference lives as long as `memory`.
inline const Memory& common(const AnyMemory& memory) noexcept {
  return std::visit([](const auto& m) -> const Memory& { return m; }, memory);
}
inline Memory& common(AnyMemory& memory) noexcept {
  return std::visit([](auto& m) -> Memory& { return m; }, memory);
}

/// What remember() takes: any text, an episode unless another type is given. With type skill, the id (or else
/// the text up to the first colon) is the skill's name; with type semantic, the text is the pattern.
class NewMemory : public NewMemoryOf<NewMemory, Memory> {
 public:
  explicit NewMemory(std::string text) { memory_.content = std::move(text); }

  /// Episodic, semantic or skill.
  NewMemory& type(MemoryType value) {
    memory_.type = value;
    return *this;
  }
};

}  // namespace comem
