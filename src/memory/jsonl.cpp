#include "memory/jsonl.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/utf8.hpp"
#include "memory/check.hpp"
#include "memory/convert.hpp"
#include "memory/json_fields.hpp"

namespace comem::memory {
namespace {

/// Names that mean something in some line; a further field of one of these names stays inside `extra`.
constexpr std::array<std::string_view, 37> reserved{"actions",
                                                    "agent",
                                                    "confidence",
                                                    "context",
                                                    "counters",
                                                    "created_at",
                                                    "description",
                                                    "duration_ms",
                                                    "error_handling",
                                                    "expires_at",
                                                    "extra",
                                                    "id",
                                                    "importance",
                                                    "kind",
                                                    "name",
                                                    "ns",
                                                    "outcome",
                                                    "pattern",
                                                    "postconditions",
                                                    "preconditions",
                                                    "session",
                                                    "source_episodes",
                                                    "speaker",
                                                    "steps",
                                                    "success",
                                                    "summary",
                                                    "tags",
                                                    "task_prompt",
                                                    "text",
                                                    "tools_used",
                                                    "ts",
                                                    "ttl_ms",
                                                    "turn",
                                                    "type",
                                                    "version",
                                                    "author",
                                                    "content"};

bool is_reserved(std::string_view name) noexcept {
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

/// What a kind means where no type is named.
std::optional<MemoryType> type_of_kind(std::string_view kind) noexcept {
  if (kind.empty() || kind == "episode" || kind == "episodic") return MemoryType::episodic;
  if (kind == "semantic" || kind == "document") return MemoryType::semantic;
  if (kind == "skill") return MemoryType::skill;
  return std::nullopt;
}

MemoryType take_type(Json& object) {
  std::string type, kind;
  FieldTaker taker(object);
  taker.text("type", type);
  if (const auto it = object.find("kind"); it != object.end() && it->is_string())
    kind = it->get<std::string>();
  const auto named = type.empty() ? type_of_kind(kind) : memory_type_from(type);
  if (!named && type.empty())
    throw Error(
        errc::invalid_argument,
        fmt::format(
            "field 'kind' is '{}'; use episode, semantic, skill or document, or name a type beside it",
            printable(kind)));
  if (!named || *named == MemoryType::working || *named == MemoryType::session)
    throw Error(errc::invalid_argument,
                fmt::format("field 'type' is '{}'; use episodic, semantic or skill", printable(type)));
  return *named;
}

/// Fields that are not ours join `extra`, where they win over its own.
void keep_rest(Memory& memory, Json& rest) {
  if (rest.empty()) return;
  Json extra = memory.extra.empty() ? Json::object() : parse_json(memory.extra);
  extra.update(rest);
  memory.extra = dump_json(extra);
}

/// What a line that was not exported leaves to be read out of its text.
void derive_missing(AnyMemory& memory, bool has_pattern, bool has_name) {
  if (auto* knowledge = std::get_if<Knowledge>(&memory); knowledge != nullptr && !has_pattern)
    knowledge->pattern = first_sentence(knowledge->content);
  if (auto* skill = std::get_if<Skill>(&memory); skill != nullptr && !has_name)
    skill->name = std::get<Skill>(typed(*skill)).name;
}

void take_totals(Json totals, AnyMemory& memory) {
  if (totals.is_null()) return;
  FieldTaker taker(totals);
  auto& shared = common(memory);
  taker.count("accesses", shared.access_count);
  taker.time("last_access_ms", shared.last_accessed);
  if (auto* skill = std::get_if<Skill>(&memory)) {
    taker.count("executions", skill->executions);
    taker.count("successes", skill->successes);
    taker.duration("duration_ms", skill->total_duration);
    if (skill->successes > skill->executions)
      throw Error(errc::invalid_argument, "field 'counters' has more successes than executions");
  } else if (auto* knowledge = std::get_if<Knowledge>(&memory)) {
    taker.count("validations", knowledge->validations);
    taker.count("invalidations", knowledge->invalidations);
  }
}

Json totals_of(const AnyMemory& memory) {
  Json totals = Json::object();
  const auto put = [&totals](const char* name, auto value) {
    if (value != 0) totals[name] = value;
  };
  const auto& shared = common(memory);
  put("accesses", shared.access_count);
  put("last_access_ms", shared.last_accessed.time_since_epoch().count());
  if (const auto* skill = std::get_if<Skill>(&memory)) {
    put("executions", skill->executions);
    put("successes", skill->successes);
    put("duration_ms", skill->total_duration.count());
  } else if (const auto* knowledge = std::get_if<Knowledge>(&memory)) {
    put("validations", knowledge->validations);
    put("invalidations", knowledge->invalidations);
  }
  return totals;
}

void take_ttl(Json& object, Line& line) {
  if (const auto it = object.find("ttl_ms"); it == object.end() || it->is_null()) return;
  Milliseconds ttl{};
  FieldTaker(object).duration("ttl_ms", ttl);
  check_ttl(ttl);
  line.ttl = ttl;
}

/// Seconds since 1970 are a common slip; taken for milliseconds they would all be some day of 1970.
void refuse_seconds(const Json& object, const char* name) {
  constexpr std::int64_t from = 1'000'000'000, to = 100'000'000'000;  // 2001 to 5138, as seconds
  const auto it = object.find(name);
  if (it == object.end() || !it->is_number_integer()) return;
  const auto number = it->get<std::int64_t>();
  if (number < from || number >= to) return;
  throw Error(
      errc::invalid_argument,
      fmt::format("field '{}' is {}, which looks like seconds; give milliseconds since 1970, or ISO 8601 "
                  "like 2024-05-31T08:30:00Z",
                  name, number));
}

Line read(Json& object) {
  Line line;
  refuse_seconds(object, "ts");
  if (!object.contains("type")) {  // no export, whose own times are milliseconds, of a wrong clock perhaps
    refuse_seconds(object, "created_at");
    refuse_seconds(object, "expires_at");
  }
  FieldTaker taker(object);
  const auto type = take_type(object);
  taker.bytes("ns", line.ns);
  if (line.ns.size() > 256) throw Error(errc::invalid_argument, "field 'ns' has more than 256 bytes");
  take_ttl(object, line);
  const auto given = [&object](const char* name) {
    const auto it = object.find(name);
    return it != object.end() && !it->is_null();
  };
  line.has_expiry = line.ttl || given("expires_at");
  const bool has_pattern = given("pattern"), has_name = given("name");
  Json totals = taker.take("counters");
  line.memory = take_memory(object, type);
  derive_missing(line.memory, has_pattern, has_name);
  take_totals(std::move(totals), line.memory);
  keep_rest(common(line.memory), object);
  if (!has_text(line.memory)) throw Error(errc::invalid_argument, "field 'text' is missing or empty");
  check(line.memory);
  return line;
}

}  // namespace

Line parse_line(std::string_view text) {
  if (text.size() > max_line_bytes)
    throw Error(errc::limit_exceeded,
                fmt::format("the line has {} bytes; at most {} are allowed", text.size(), max_line_bytes));
  try {
    Json object = parse_json(text);
    return read(object);
  } catch (const Error& error) {
    // Here it is the caller's line that is wrong, not the store.
    if (error.code() != errc::corrupt) throw;
    throw Error(errc::invalid_argument, error.what());
  }
}

std::string export_line(const std::string& ns, const AnyMemory& memory) {
  Json object = fields_of(memory);
  object["ns"] = bytes_value(ns);
  object["type"] = name_of(long_term_types[memory.index()]);
  object["kind"] = common(memory).kind;
  object["expires_at"] = common(memory).expires_at.time_since_epoch().count();
  if (const auto* knowledge = std::get_if<Knowledge>(&memory)) object["pattern"] = knowledge->pattern;
  if (auto totals = totals_of(memory); !totals.empty()) object["counters"] = std::move(totals);
  if (const auto it = object.find("extra"); it != object.end()) {
    Json extra = std::move(*it), kept = Json::object();
    object.erase(it);
    for (auto& [name, value] : extra.items()) (is_reserved(name) ? kept : object)[name] = std::move(value);
    if (!kept.empty()) object["extra"] = std::move(kept);
  }
  return dump_json(object);
}

}  // namespace comem::memory
