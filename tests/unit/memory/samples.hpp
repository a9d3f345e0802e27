#pragma once
// Memories with every field filled, for tests.

#include <comem/any_memory.hpp>

#include "memory/codec.hpp"

namespace comem::memory::samples {

inline TimePoint at(std::int64_t ms) {
  return TimePoint(Milliseconds(ms));
}
inline constexpr std::int64_t day = 24 * 3600 * 1000;

inline void fill(Memory& memory) {
  memory.id = "id {1}:\xff";  // any bytes
  memory.kind = "note";
  memory.content = "All of it \xc3\xa9 \"quoted\" \n";
  memory.agent = "agent\x80";
  memory.author = "Ann";
  memory.session = "s\xfe";
  memory.turn = -7;
  memory.tags = {"a", "", "b:c"};
  memory.importance = 0.1;
  memory.time = at(1'700'000'000'123);
  memory.created_at = at(1'700'000'001'001);
  memory.expires_at = at(1'800'000'000'007);
  memory.extra = R"({"body":"x","n":[1,2.5,null],"text":"inner"})";
  memory.access_count = 3;
  memory.last_accessed = at(1'700'000'002'002);
}

inline Episode episode() {
  Episode e;
  fill(e);
  e.task_prompt = "prompt";
  e.outcome = "outcome";
  e.summary = "summary";
  e.success = false;
  e.duration = Milliseconds(1234);
  e.tools_used = {"search", "read"};
  Step step;
  step.id = "step\xff";
  step.action = "search";
  step.observation = "nothing";
  step.reasoning = "why not";
  step.success = false;
  step.time = at(1'699'999'999'999);
  e.steps = {step, Step()};
  e.steps[1].action = "read";
  return e;
}

inline Knowledge knowledge() {
  Knowledge k;
  fill(k);
  k.pattern = "pattern";
  k.context = "context";
  k.confidence = 0.875;
  k.source_episodes = {"e1", "e\xff"};
  k.validations = 5;
  k.invalidations = 2;
  return k;
}

inline Skill skill() {
  Skill s;
  fill(s);
  s.name = "deploy: {x}";
  s.description = "description";
  s.actions = {SkillAction("build", R"({"jobs":2})"), SkillAction("copy"), SkillAction("list", "[1,\"a\"]")};
  s.preconditions = {"before"};
  s.postconditions = {"after"};
  s.error_handling = "roll back";
  s.executions = 9;
  s.successes = 8;
  s.total_duration = Milliseconds(12345);
  return s;
}

inline std::vector<AnyMemory> all() {
  std::vector<AnyMemory> memories{episode(), knowledge(), skill()};
  for (auto type : {0, 1, 2}) {  // and with nothing but what must be there
    AnyMemory plain;
    if (type == 1) plain = Knowledge();
    if (type == 2) plain = Skill();
    common(plain).id = "plain";
    common(plain).content = "text";
    if (auto* s = std::get_if<Skill>(&plain)) s->name = "n";
    memories.push_back(plain);
  }
  return memories;
}

/// Equality but for the version: JSON holds every other field of a memory but its counters.
inline std::string all_of(const AnyMemory& memory) {
  return to_json(memory) + imported_counters(memory).encode();
}

}  // namespace comem::memory::samples
