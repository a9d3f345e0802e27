#pragma once
// Skill memory: named sequences of actions.

#include <comem/memory.hpp>
#include <comem/write.hpp>

namespace comem {

/// One action of a skill. `params` is JSON text, or empty.
struct SkillAction {
  SkillAction() = default;
  explicit SkillAction(std::string action_name, std::string params_json = {})
      : action(std::move(action_name)), params(std::move(params_json)) {}

  std::string action;
  std::string params;
};

/// Plain data. Within a namespace a name belongs to one skill.
struct Skill : Memory {
  Skill() {
    type = MemoryType::skill;
    kind = "skill";
  }

  std::string name;  ///< 1 to 256 bytes
  std::string description;
  std::vector<SkillAction> actions;
  std::vector<std::string> preconditions;
  std::vector<std::string> postconditions;
  std::string error_handling;

  // Kept by the store, merged over all processes.
  std::uint64_t executions = 0;
  std::uint64_t successes = 0;
  Milliseconds total_duration{};

  /// Successes per execution; 0.5 before the first.
  double success_rate() const noexcept {
    return executions == 0 ? 0.5 : static_cast<double>(successes) / static_cast<double>(executions);
  }
  /// Zero before the first execution.
  Milliseconds mean_duration() const noexcept {
    return executions == 0 ? Milliseconds{} : total_duration / static_cast<Milliseconds::rep>(executions);
  }
};

/// What save_skill() takes. A skill of the same name is updated: its id and its execution counts stay.
class NewSkill : public NewMemoryOf<NewSkill, Skill> {
 public:
  explicit NewSkill(std::string name) { memory_.name = std::move(name); }

  NewSkill& description(std::string text) {
    memory_.description = std::move(text);
    return *this;
  }
  NewSkill& action(std::string name, std::string params_json = {}) {
    memory_.actions.emplace_back(std::move(name), std::move(params_json));
    return *this;
  }
  NewSkill& precondition(std::string text) {
    memory_.preconditions.push_back(std::move(text));
    return *this;
  }
  NewSkill& postcondition(std::string text) {
    memory_.postconditions.push_back(std::move(text));
    return *this;
  }
  NewSkill& error_handling(std::string text) {
    memory_.error_handling = std::move(text);
    return *this;
  }
};

}  // namespace comem
