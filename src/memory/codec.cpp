#include "memory/codec.hpp"

#include <comem/error.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "core/envelope.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/fields.hpp"
#include "memory/json_fields.hpp"
#include "memory/json_writer.hpp"
#include "memory/scoring.hpp"
#include "memory/timestamps.hpp"

namespace comem::memory {
namespace {

std::string lookup_of(const AnyMemory& memory) {
  if (const auto* skill = std::get_if<Skill>(&memory)) return skill->name;
  if (const auto* episode = std::get_if<Episode>(&memory)) return episode->session;
  return {};
}

MemoryType type_of(const AnyMemory& memory) noexcept {
  return long_term_types[memory.index()];
}

/// Every failure names the record; `take` turns the record's JSON object into a value.
template <class Take>
auto from_record(const Record& record, Take take) {
  try {
    if (record.deleted) throw Error(errc::corrupt, "it is a tombstone");
    Json object = parse_json(unwrap_value(record.value));
    return take(object);
  } catch (const Error& error) {
    throw Error(errc::corrupt, fmt::format("record {} '{}' cannot be read: {}", name_of(record.key.type),
                                           printable(record.key.id), error.what()));
  }
}

Milliseconds duration_of(std::uint64_t ms) noexcept {
  return Milliseconds(static_cast<Milliseconds::rep>(std::min<std::uint64_t>(ms, INT64_MAX)));
}

TimePoint time_of(std::uint64_t ms) noexcept {
  return std::min(TimePoint(duration_of(ms)), latest_time);
}

void put_counters(AnyMemory& memory, const CounterSet& counters) {
  auto& shared = common(memory);
  shared.access_count = counters.total(Counter::accesses);
  shared.last_accessed = time_of(counters.total(Counter::last_access_ms));
  if (auto* skill = std::get_if<Skill>(&memory)) {
    skill->executions = counters.total(Counter::executions);
    skill->successes = std::min(counters.total(Counter::successes), skill->executions);
    skill->total_duration = duration_of(counters.total(Counter::duration_ms));
  } else if (auto* knowledge = std::get_if<Knowledge>(&memory)) {
    knowledge->validations = counters.total(Counter::validations);
    knowledge->invalidations = counters.total(Counter::invalidations);
  }
}

std::string written(const AnyMemory& memory, TimePoint created_at) {
  std::string text;
  text.reserve(common(memory).content.size() + 1024);
  JsonWriter writer(text);
  std::visit([&](const auto& own) { tell_fields(writer, own, created_at); }, memory);
  writer.end();
  return text;
}

Record record_of(const std::string& ns, MemoryType type, const std::string& id) {
  check_id(ns, "namespace");
  check_id(id, "id");
  Record record;
  record.key = RecordKey(ns, type, id);
  return record;
}

}  // namespace

std::string to_json(const AnyMemory& memory) {
  return written(memory, common(memory).created_at);
}
std::string to_json(const Step& step) {
  return dump_json(fields_of(step));
}
std::string to_json(const Session& session) {
  return dump_json(fields_of(session));
}

Record to_record(const std::string& ns, const AnyMemory& memory, const std::string& writer, TimePoint now,
                 std::size_t compression_threshold) {
  const auto& shared = common(memory);
  Record record = record_of(ns, type_of(memory), shared.id);
  record.created_at = shared.created_at == TimePoint{} ? now : shared.created_at;
  record.expires_at = shared.expires_at;
  record.writer = writer;
  record.lookup = lookup_of(memory);
  record.score = composite(memory, now);
  record.value = wrap_value(written(memory, record.created_at), compression_threshold);
  return record;
}

Record to_record(const std::string& ns, const Step& step, const std::string& agent, TimePoint expires_at,
                 std::size_t compression_threshold) {
  Record record = record_of(ns, MemoryType::working, step.id);
  record.created_at = step.time;
  record.expires_at = expires_at;
  record.writer = record.lookup = agent;
  Json object = fields_of(step);
  object["agent"] = bytes_value(agent);
  if (expires_at != no_expiry) object["expires_at"] = expires_at.time_since_epoch().count();
  record.value = wrap_value(dump_json(object), compression_threshold);
  return record;
}

Record to_record(const std::string& ns, const Session& session, TimePoint expires_at,
                 std::size_t compression_threshold) {
  Record record = record_of(ns, MemoryType::session, session.id);
  record.created_at = session.created_at;
  record.expires_at = expires_at;
  record.writer = session.agent;
  Json object = fields_of(session);
  if (expires_at != no_expiry) object["expires_at"] = expires_at.time_since_epoch().count();
  record.value = wrap_value(dump_json(object), compression_threshold);
  return record;
}

AnyMemory memory_from_record(const Record& record) {
  const auto type = record.key.type;
  auto memory = from_record(record, [type](Json& object) { return take_memory(object, type); });
  auto& shared = common(memory);
  shared.id = record.key.id;
  shared.expires_at = record.expires_at;
  if (record.created_at != TimePoint{}) shared.created_at = record.created_at;
  if (shared.agent.empty()) shared.agent = record.writer;
  shared.version = record.version;
  put_counters(memory, record.counters);
  return memory;
}

Step step_from_record(const Record& record) {
  auto step = from_record(record, [](Json& object) { return take_step(object); });
  step.id = record.key.id;
  return step;
}

Session session_from_record(const Record& record) {
  auto session = from_record(record, [](Json& object) { return take_session(object); });
  session.id = record.key.id;
  return session;
}

CounterSet imported_counters(const AnyMemory& memory) {
  CounterSet counters;
  const auto raise = [&counters](Counter counter, std::uint64_t value) {
    if (value > 0) counters.raise("import", counter, value);
  };
  const auto& shared = common(memory);
  raise(Counter::accesses, shared.access_count);
  raise(Counter::last_access_ms, static_cast<std::uint64_t>(std::max<Milliseconds::rep>(
                                     shared.last_accessed.time_since_epoch().count(), 0)));
  if (const auto* skill = std::get_if<Skill>(&memory)) {
    raise(Counter::executions, skill->executions);
    raise(Counter::successes, skill->successes);
    raise(Counter::duration_ms,
          static_cast<std::uint64_t>(std::max<Milliseconds::rep>(skill->total_duration.count(), 0)));
  } else if (const auto* knowledge = std::get_if<Knowledge>(&memory)) {
    raise(Counter::validations, knowledge->validations);
    raise(Counter::invalidations, knowledge->invalidations);
  }
  return counters;
}

void check_readable(const Record& record) {
  switch (record.key.type) {
    case MemoryType::working:
      step_from_record(record);
      break;
    case MemoryType::session:
      session_from_record(record);
      break;
    case MemoryType::episodic:
    case MemoryType::semantic:
    case MemoryType::skill:
      memory_from_record(record);
      break;
  }
}

}  // namespace comem::memory
