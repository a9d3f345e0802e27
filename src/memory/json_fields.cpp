#include "memory/json_fields.hpp"

#include <comem/error.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "core/envelope.hpp"
#include "core/utf8.hpp"
#include "memory/fields.hpp"
#include "memory/json_text.hpp"
#include "memory/quick_json.hpp"
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

/// Makes a tree of values of what tell_fields() tells.
class JsonTree {
 public:
  explicit JsonTree(Json& object) : object_(object) {}

  void text(const char* name, const std::string& value) {
    if (!value.empty()) object_[name] = value;
  }
  void text_always(const char* name, const std::string& value) { object_[name] = value; }
  void bytes(const char* name, const std::string& value) {
    if (!value.empty()) object_[name] = bytes_value(value);
  }
  void json(const char* name, const std::string& value) {
    if (!value.empty()) object_[name] = parse_json(value);
  }
  void flag(const char* name, bool value) { object_[name] = value; }
  template <class Number>
  void number(const char* name, Number value) {
    object_[name] = value;
  }
  void ms(const char* name, std::int64_t value) {
    if (value != 0) object_[name] = value;
  }
  void time(const char* name, TimePoint value) {
    if (value != TimePoint{}) object_[name] = format_time(value);
  }
  void texts(const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) object_[name] = values;
  }
  void byte_texts(const char* name, const std::vector<std::string>& values) {
    for (const auto& value : values) object_[name].push_back(bytes_value(value));
  }
  template <class Value>
  void objects(const char* name, const std::vector<Value>& values) {
    for (const auto& value : values) {
      Json entry = Json::object();
      JsonTree inner(entry);
      tell_fields(inner, value);
      object_[name].push_back(std::move(entry));
    }
  }

 private:
  Json& object_;
};

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
  if (auto tree = parse_quickly(text)) return *std::move(tree);
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

Json fields_of(const AnyMemory& memory) {
  Json object = Json::object();
  JsonTree tree(object);
  std::visit([&](const auto& own) { tell_fields(tree, own, own.created_at); }, memory);
  return object;
}

Json fields_of(const Step& step) {
  Json object = Json::object();
  JsonTree tree(object);
  tell_fields(tree, step);
  return object;
}

Json fields_of(const Session& session) {
  Json object = Json::object();
  JsonTree tree(object);
  tree.bytes("id", session.id);
  tree.bytes("agent", session.agent);
  tree.bytes("previous", session.previous);
  tree.ms("created_at", session.created_at.time_since_epoch().count());
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
