#pragma once
// Episodic memory: the experience of one task.

#include <comem/memory.hpp>
#include <comem/step.hpp>
#include <comem/write.hpp>

namespace comem {

/// Plain data. `content` holds the whole story (prompt, outcome, steps), `summary` at most about 100 tokens
/// of it.
struct Episode : Memory {
  Episode() {
    type = MemoryType::episodic;
    kind = "episode";
  }

  std::string task_prompt;
  std::string outcome;
  std::string summary;
  bool success = true;
  Milliseconds duration{};
  std::vector<std::string> tools_used;
  std::vector<Step> steps;
};

/// What save_episode() takes. Content, summary and tools are written from the current steps where they are
/// not given.
class NewEpisode : public NewMemoryOf<NewEpisode, Episode> {
 public:
  explicit NewEpisode(std::string task_prompt) { memory_.task_prompt = std::move(task_prompt); }

  NewEpisode& outcome(std::string text) {
    memory_.outcome = std::move(text);
    return *this;
  }
  NewEpisode& content(std::string text) {
    memory_.content = std::move(text);
    return *this;
  }
  NewEpisode& success(bool yes) {
    memory_.success = yes;
    return *this;
  }
  NewEpisode& duration(Milliseconds value) {
    memory_.duration = value;
    return *this;
  }
  NewEpisode& tools_used(std::vector<std::string> names) {
    memory_.tools_used = std::move(names);
    return *this;
  }
};

}  // namespace comem
