#include "memory/json_fields.hpp"

#include <comem/error.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "core/envelope.hpp"
#include "core/utf8.hpp"
#include "memory/json_text.hpp"
#include "memory/timestamps.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t max_json_values = 500'000;

/// Depth and number of values, seen without parsing: brackets and commas outside of strings.
struct Bounds {
  std::size_t depth = 0;
  std::size_t values = 1;
};

Bounds bounds_of(std::string_view text) noexcept {
  Bounds bounds;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      bounds.depth = std::max(bounds.depth, ++depth);
      ++bounds.values;
    } else if (c == ']' || c == '}') {
      if (depth > 0) --depth;
    } else if (c == ',') {
      ++bounds.values;
    }
  }
  return bounds;
}

template <class Value>
void put(Json& object, const char* name, const Value& value, const Value& default_value) {
  if (value != default_value) object[name] = value;
}

void put_bytes(Json& object, const char* name, const std::string& bytes) {
  if (!bytes.empty()) object[name] = bytes_value(bytes);
}

void put_time(Json& object, const char* name, TimePoint time) {
  if (time != TimePoint{}) object[name] = format_time(time);
}

void put_ms(Json& object, const char* name, std::int64_t ms) {
  put(object, name, ms, std::int64_t{0});
}

void put_own(Json& object, const Episode& episode) {
  put(object, "task_prompt", episode.task_prompt, {});
  put(object, "outcome", episode.outcome, {});
  put(object, "summary", episode.summary, {});
  put(object, "success", episode.success, true);
  put_ms(object, "duration_ms", episode.duration.count());
  put(object, "tools_used", episode.tools_used, {});
  if (episode.steps.empty()) return;
  auto& steps = object["steps"] = Json::array();
  for (const auto& step : episode.steps) steps.push_back(fields_of(step));
}

void put_own(Json& object, const Knowledge& knowledge) {
  put(object, "pattern", knowledge.pattern, {});
  put(object, "context", knowledge.context, {});
  put(object, "confidence", knowledge.confidence, 0.5);
  if (knowledge.source_episodes.empty()) return;
  auto& sources = object["source_episodes"] = Json::array();
  for (const auto& id : knowledge.source_episodes) sources.push_back(bytes_value(id));
}

void put_own(Json& object, const Skill& skill) {
  put(object, "name", skill.name, {});
  put(object, "description", skill.description, {});
  put(object, "preconditions", skill.preconditions, {});
  put(object, "postconditions", skill.postconditions, {});
  put(object, "error_handling", skill.error_handling, {});
  if (skill.actions.empty()) return;
  auto& actions = object["actions"] = Json::array();
  for (const auto& action : skill.actions) {
    Json entry = Json::object();
    entry["action"] = action.action;
    if (!action.params.empty()) entry["params"] = parse_json(action.params);
    actions.push_back(std::move(entry));
  }
}

Json array_of(FieldTaker& taker, const char* name) {
  Json list = taker.take(name);
  if (!list.is_null() && !list.is_array())
    throw Error(errc::corrupt, fmt::format("field '{}' must be a list, not {}", name, list.type_name()));
  return list;
}

void take_own(FieldTaker& taker, Episode& episode) {
  taker.text("task_prompt", episode.task_prompt);
  taker.text("outcome", episode.outcome);
  taker.text("summary", episode.summary);
  taker.flag("success", episode.success);
  taker.duration("duration_ms", episode.duration);
  taker.texts("tools_used", episode.tools_used);
  for (auto& entry : array_of(taker, "steps")) episode.steps.push_back(take_step(entry));
}

void take_own(FieldTaker& taker, Knowledge& knowledge) {
  taker.text("pattern", knowledge.pattern);
  taker.text("context", knowledge.context);
  taker.fraction("confidence", knowledge.confidence);
  for (auto& entry : array_of(taker, "source_episodes")) {
    Json wrapped = Json::object();
    wrapped["source_episodes"] = std::move(entry);
    FieldTaker(wrapped).bytes("source_episodes", knowledge.source_episodes.emplace_back());
  }
}

void take_own(FieldTaker& taker, Skill& skill) {
  taker.text("name", skill.name);
  taker.text("description", skill.description);
  taker.texts("preconditions", skill.preconditions);
  taker.texts("postconditions", skill.postconditions);
  taker.text("error_handling", skill.error_handling);
  for (auto& entry : array_of(taker, "actions")) {
    FieldTaker fields(entry);
    auto& action = skill.actions.emplace_back();
    fields.text("action", action.action);
    if (const Json params = fields.take("params"); !params.is_null()) action.params = dump_json(params);
  }
}

void take_turn(FieldTaker& taker, std::optional<std::int64_t>& turn) {
  const Json value = taker.take("turn");
  if (value.is_null()) return;
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
    throw Error(errc::corrupt, fmt::format("field 'turn' must be a whole number, not {}", value.type_name()));
  turn = value.get<std::int64_t>();
}

void take_extra(FieldTaker& taker, std::string& extra) {
  const Json value = taker.take("extra");
  if (value.is_null()) return;
  if (!value.is_object())
    throw Error(errc::corrupt, fmt::format("field 'extra' must be an object, not {}", value.type_name()));
  if (!value.empty()) extra = dump_json(value);
}

/// Numbers are what other systems call their sessions.
void take_session_id(FieldTaker& taker, Json& object, std::string& session) {
  if (const auto it = object.find("session"); it != object.end() && it->is_number()) *it = it->dump();
  taker.bytes("session", session);
}

template <class Kind>
AnyMemory take_kind(Json& object) {
  FieldTaker taker(object);
  Kind memory;
  taker.bytes("id", memory.id);
  taker.text("kind", memory.kind);
  taker.text("text", memory.content);
  taker.bytes("agent", memory.agent);
  taker.text("speaker", memory.author);
  take_session_id(taker, object, memory.session);
  take_turn(taker, memory.turn);
  taker.texts("tags", memory.tags);
  taker.fraction("importance", memory.importance);
  taker.time("ts", memory.time);
  taker.time("created_at", memory.created_at);
  taker.time("expires_at", memory.expires_at);
  take_extra(taker, memory.extra);
  take_own(taker, memory);
  return memory;
}

}  // namespace

Json parse_json(std::string_view text) {
  const auto bounds = bounds_of(text);
  if (bounds.depth > max_json_depth)
    throw Error(errc::limit_exceeded, fmt::format("JSON nests deeper than {} levels", max_json_depth));
  if (bounds.values > max_json_values)
    throw Error(errc::limit_exceeded, fmt::format("JSON has more than {} values", max_json_values));
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    throw Error(errc::corrupt, fmt::format("not valid JSON at byte {}", error.byte));
  } catch (const Json::exception&) {
    throw Error(errc::corrupt, "not valid JSON: a number is out of range");
  }
}

std::string dump_json(const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception&) {
    throw Error(errc::invalid_argument, "a text is not valid UTF-8");
  }
}

JsonKind json_kind(std::string_view text) {
  if (bounds_of(text).depth > max_nested_depth) return JsonKind::none;
  try {
    return parse_json(text).is_object() ? JsonKind::object : JsonKind::other;
  } catch (const Error&) {
    return JsonKind::none;
  }
}

Json bytes_value(const std::string& bytes) {
  if (is_utf8(bytes)) return bytes;
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  Json object = Json::object();
  object["hex"] = std::move(hex);
  return object;
}

Json fields_of(const AnyMemory& any) {
  Json object = Json::object();
  const Memory& memory = common(any);
  put_bytes(object, "id", memory.id);
  put(object, "text", memory.content, {});
  put_bytes(object, "agent", memory.agent);
  put(object, "speaker", memory.author, {});
  put_bytes(object, "session", memory.session);
  if (memory.turn) object["turn"] = *memory.turn;
  put(object, "tags", memory.tags, {});
  put(object, "importance", memory.importance, 0.5);
  put_time(object, "ts", memory.time);
  put_ms(object, "created_at", memory.created_at.time_since_epoch().count());
  put_ms(object, "expires_at", memory.expires_at.time_since_epoch().count());
  if (!memory.extra.empty()) object["extra"] = parse_json(memory.extra);
  std::visit(
      [&](const auto& own) {
        put(object, "kind", own.kind, std::decay_t<decltype(own)>().kind);
        put_own(object, own);
      },
      any);
  return object;
}

Json fields_of(const Step& step) {
  Json object = Json::object();
  put_bytes(object, "id", step.id);
  put(object, "action", step.action, {});
  put(object, "observation", step.observation, {});
  put(object, "reasoning", step.reasoning, {});
  put(object, "success", step.success, true);
  put_time(object, "ts", step.time);
  return object;
}

Json fields_of(const Session& session) {
  Json object = Json::object();
  put_bytes(object, "id", session.id);
  put_bytes(object, "agent", session.agent);
  put_bytes(object, "previous", session.previous);
  put_ms(object, "created_at", session.created_at.time_since_epoch().count());
  return object;
}

AnyMemory take_memory(Json& object, MemoryType type) {
  switch (type) {
    case MemoryType::episodic:
      return take_kind<Episode>(object);
    case MemoryType::semantic:
      return take_kind<Knowledge>(object);
    case MemoryType::skill:
      return take_kind<Skill>(object);
    case MemoryType::working:
    case MemoryType::session:
      break;
  }
  throw Error(errc::corrupt, "not a long-term memory");
}

Step take_step(Json& object) {
  FieldTaker taker(object);
  Step step;
  taker.bytes("id", step.id);
  taker.text("action", step.action);
  taker.text("observation", step.observation);
  taker.text("reasoning", step.reasoning);
  taker.flag("success", step.success);
  taker.time("ts", step.time);
  return step;
}

Session take_session(Json& object) {
  FieldTaker taker(object);
  Session session;
  taker.bytes("id", session.id);
  taker.bytes("agent", session.agent);
  taker.bytes("previous", session.previous);
  taker.time("created_at", session.created_at);
  return session;
}

}  // namespace comem::memory
