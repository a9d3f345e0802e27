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
  /// Adds nothing where a memory of the same type, kind and author (and, of episodes, the same success) says
  /// nearly the same: the answer is then the id of that one, and WriteResult::duplicate. Its expiry is put
  /// off where less than half of the time to live that is asked for here is left. `similarity` is the Jaccard
  /// index of the word stems, above 0 and at most 1; another number, name, negation or opposite always makes
  /// another statement. Where the store holds the id that is given, that memory is replaced. No effect on
  /// skills, which are known by their names. Exact among all processes on one store; two stores that share
  /// may both add it.
  NewMemory& deduplicate(double similarity = 0.85) {
    similarity_ = similarity;
    return *this;
  }
  /// Zero: not asked for.
  double similarity() const noexcept { return similarity_; }

 private:
  double similarity_ = 0.0;
};

}  // namespace comem
