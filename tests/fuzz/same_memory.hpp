#pragma once
// Equality of memories field by field, so that a field which is neither written nor read is noticed. Versions
// do not count: a store gives them anew.

#include <comem/any_memory.hpp>

#include <algorithm>
#include <tuple>

namespace comem::fuzz {

inline auto fields(const Step& s) {
  return std::tie(s.id, s.action, s.observation, s.reasoning, s.success, s.time);
}
inline auto fields(const SkillAction& a) {
  return std::tie(a.action, a.params);
}
inline auto fields(const Memory& m) {
  return std::tie(m.id, m.type, m.kind, m.content, m.agent, m.author, m.session, m.turn, m.tags, m.importance,
                  m.time, m.created_at, m.expires_at, m.extra);
}
inline auto totals(const Memory& m) {
  return std::tie(m.access_count, m.last_accessed);
}

template <class Part>
bool same_list(const std::vector<Part>& a, const std::vector<Part>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Part& x, const Part& y) { return fields(x) == fields(y); });
}

inline bool same_own(const Episode& a, const Episode& b, bool) {
  const auto own = [](const Episode& e) {
    return std::tie(e.task_prompt, e.outcome, e.summary, e.success, e.duration, e.tools_used);
  };
  return own(a) == own(b) && same_list(a.steps, b.steps);
}

inline bool same_own(const Knowledge& a, const Knowledge& b, bool with_totals) {
  const auto own = [](const Knowledge& k) {
    return std::tie(k.pattern, k.context, k.confidence, k.source_episodes);
  };
  const auto counted = [](const Knowledge& k) { return std::tie(k.validations, k.invalidations); };
  return own(a) == own(b) && (!with_totals || counted(a) == counted(b));
}

inline bool same_own(const Skill& a, const Skill& b, bool with_totals) {
  const auto own = [](const Skill& s) {
    return std::tie(s.name, s.description, s.preconditions, s.postconditions, s.error_handling);
  };
  const auto counted = [](const Skill& s) { return std::tie(s.executions, s.successes, s.total_duration); };
  return own(a) == own(b) && same_list(a.actions, b.actions) && (!with_totals || counted(a) == counted(b));
}

/// `with_totals`: the counters too, which a record keeps beside its value.
inline bool same_memory(const AnyMemory& a, const AnyMemory& b, bool with_totals) {
  if (a.index() != b.index() || fields(common(a)) != fields(common(b))) return false;
  if (with_totals && totals(common(a)) != totals(common(b))) return false;
  return std::visit(
      [&](const auto& own) { return same_own(own, std::get<std::decay_t<decltype(own)>>(b), with_totals); },
      a);
}

}  // namespace comem::fuzz
