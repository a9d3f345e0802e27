#pragma once
// Semantic memory: generalised knowledge.

#include <comem/memory.hpp>
#include <comem/write.hpp>

namespace comem {

/// Plain data. `pattern` is the knowledge in one line; `content` says more.
struct Knowledge : Memory {
  Knowledge() {
    type = MemoryType::semantic;
    kind = "semantic";
  }

  std::string pattern;
  std::string context;      ///< where it holds
  double confidence = 0.5;  ///< 0 to 1, as its author stated it
  std::vector<std::string> source_episodes;

  // Kept by the store, merged over all processes.
  std::uint64_t validations = 0;
  std::uint64_t invalidations = 0;

  /// The stated confidence, weighed as two observations together with the (in)validations; what filters
  /// compare.
  double effective_confidence() const noexcept {
    const auto seen = static_cast<double>(validations + invalidations);
    return (confidence * 2.0 + static_cast<double>(validations)) / (2.0 + seen);
  }
};

/// What add_semantic() takes.
class NewKnowledge : public NewMemoryOf<NewKnowledge, Knowledge> {
 public:
  explicit NewKnowledge(std::string pattern) { memory_.pattern = std::move(pattern); }

  NewKnowledge& content(std::string text) {
    memory_.content = std::move(text);
    return *this;
  }
  NewKnowledge& context(std::string text) {
    memory_.context = std::move(text);
    return *this;
  }
  NewKnowledge& confidence(double value) {
    memory_.confidence = value;
    return *this;
  }
  NewKnowledge& source_episodes(std::vector<std::string> ids) {
    memory_.source_episodes = std::move(ids);
    return *this;
  }
  /// As NewMemory::deduplicate().
  NewKnowledge& deduplicate(double similarity = 0.85) {
    similarity_ = similarity;
    return *this;
  }
  /// Zero: not asked for.
  double similarity() const noexcept { return similarity_; }

 private:
  double similarity_ = 0.0;
};

}  // namespace comem
