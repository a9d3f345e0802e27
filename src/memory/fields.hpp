#pragma once
// The fields of memories and steps in the order of their names, for whatever writes JSON: the one place that
// says which are written, and under which names. Those of their default value are left out.

#include <comem/any_memory.hpp>
#include <comem/step.hpp>

#include <string>

namespace comem::memory {

/// A sink takes members of one object, each in one of the ways used below; empty texts and lists, and times
/// that are not set, are its to leave out.
template <class Sink>
void tell_fields(Sink& sink, const Step& step) {
  sink.text("action", step.action);
  sink.bytes("id", step.id);
  sink.text("observation", step.observation);
  sink.text("reasoning", step.reasoning);
  if (!step.success) sink.flag("success", false);
  sink.time("ts", step.time);
}

template <class Sink>
void tell_fields(Sink& sink, const SkillAction& action) {
  sink.text_always("action", action.action);
  sink.json("params", action.params);
}

namespace detail {

template <class Kind>
const std::string& usual_kind() {
  static const std::string kind = Kind().kind;
  return kind;
}

template <class Sink>
void tell_before_kind(Sink& sink, const Memory& memory) {
  sink.ms("expires_at", memory.expires_at.time_since_epoch().count());
  sink.json("extra", memory.extra);
  sink.bytes("id", memory.id);
  if (memory.importance != 0.5) sink.number("importance", memory.importance);
}

template <class Sink>
void tell_times(Sink& sink, const Memory& memory) {
  sink.time("ts", memory.time);
  if (memory.turn) sink.number("turn", *memory.turn);
}

}  // namespace detail

template <class Sink>
void tell_fields(Sink& sink, const Episode& episode, TimePoint created_at) {
  sink.bytes("agent", episode.agent);
  sink.ms("created_at", created_at.time_since_epoch().count());
  sink.ms("duration_ms", episode.duration.count());
  detail::tell_before_kind(sink, episode);
  if (episode.kind != detail::usual_kind<Episode>()) sink.text_always("kind", episode.kind);
  sink.text("outcome", episode.outcome);
  sink.bytes("session", episode.session);
  sink.text("speaker", episode.author);
  sink.objects("steps", episode.steps);
  if (!episode.success) sink.flag("success", false);
  sink.text("summary", episode.summary);
  sink.texts("tags", episode.tags);
  sink.text("task_prompt", episode.task_prompt);
  sink.text("text", episode.content);
  sink.texts("tools_used", episode.tools_used);
  detail::tell_times(sink, episode);
}

template <class Sink>
void tell_fields(Sink& sink, const Knowledge& knowledge, TimePoint created_at) {
  sink.bytes("agent", knowledge.agent);
  if (knowledge.confidence != 0.5) sink.number("confidence", knowledge.confidence);
  sink.text("context", knowledge.context);
  sink.ms("created_at", created_at.time_since_epoch().count());
  detail::tell_before_kind(sink, knowledge);
  if (knowledge.kind != detail::usual_kind<Knowledge>()) sink.text_always("kind", knowledge.kind);
  sink.text("pattern", knowledge.pattern);
  sink.bytes("session", knowledge.session);
  sink.byte_texts("source_episodes", knowledge.source_episodes);
  sink.text("speaker", knowledge.author);
  sink.texts("tags", knowledge.tags);
  sink.text("text", knowledge.content);
  detail::tell_times(sink, knowledge);
}

template <class Sink>
void tell_fields(Sink& sink, const Skill& skill, TimePoint created_at) {
  sink.objects("actions", skill.actions);
  sink.bytes("agent", skill.agent);
  sink.ms("created_at", created_at.time_since_epoch().count());
  sink.text("description", skill.description);
  sink.text("error_handling", skill.error_handling);
  detail::tell_before_kind(sink, skill);
  if (skill.kind != detail::usual_kind<Skill>()) sink.text_always("kind", skill.kind);
  sink.text("name", skill.name);
  sink.texts("postconditions", skill.postconditions);
  sink.texts("preconditions", skill.preconditions);
  sink.bytes("session", skill.session);
  sink.text("speaker", skill.author);
  sink.texts("tags", skill.tags);
  sink.text("text", skill.content);
  detail::tell_times(sink, skill);
}

}  // namespace comem::memory
