#pragma once
// Working memory: the steps of the task at hand.

#include <comem/clock.hpp>

#include <string>
#include <utility>

namespace comem {

/// One step of an agent's current task. Plain data.
struct Step {
  Step() = default;

  std::string id;
  std::string action;
  std::string observation;
  std::string reasoning;
  bool success = true;
  TimePoint time{};
};

/// What add_step() takes: co_await memory.add_step(NewStep("search_web").observation("10 results")).
class NewStep {
 public:
  explicit NewStep(std::string action) { step_.action = std::move(action); }

  NewStep& observation(std::string text) {
    step_.observation = std::move(text);
    return *this;
  }
  NewStep& reasoning(std::string text) {
    step_.reasoning = std::move(text);
    return *this;
  }
  NewStep& success(bool yes) {
    step_.success = yes;
    return *this;
  }

  const Step& step() const noexcept { return step_; }

 private:
  Step step_;
};

}  // namespace comem
