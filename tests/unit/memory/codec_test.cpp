#include "memory/codec.hpp"

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "core/envelope.hpp"
#include "memory/json_fields.hpp"
#include "memory/samples.hpp"
#include "memory/scoring.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;

namespace {

Record record_with(const std::string& json, MemoryType type = MemoryType::episodic) {
  Record record;
  record.key = RecordKey("ns", type, "the-id");
  record.value = wrap_value(json, 1024);
  return record;
}

errc code_of(const Record& record) {
  try {
    (void)memory_from_record(record);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("the-id") != std::string::npos);
    return static_cast<errc>(error.code().value());
  }
  return errc{};
}

}  // namespace

TEST_CASE("a memory of each type comes back from its record with every field") {
  for (const auto& memory : samples::all()) {
    auto record = to_record("ns", memory, "writer", at(42), 100);
    CHECK(record.version.empty());
    CHECK(record.counters.empty());
    record.version = Version{5, 1, "s"};
    record.counters = imported_counters(memory);
    auto expected = memory;
    auto& shared = common(expected);
    if (shared.created_at == TimePoint{}) shared.created_at = at(42);
    if (shared.agent.empty()) shared.agent = "writer";
    const auto back = memory_from_record(record);
    CHECK(samples::all_of(back) == samples::all_of(expected));
    CHECK(back.index() == memory.index());
    CHECK(common(back).type == shared.type);
    CHECK(common(back).version == Version{5, 1, "s"});
  }
}

TEST_CASE("JSON is written as the library would write it, names in order") {
  auto memories = samples::all();
  std::string odd;
  for (int byte = 1; byte < 0x80; ++byte) odd += static_cast<char>(byte);
  odd += "\u00e9\u4e16\U0001f600";
  auto episode = samples::episode();
  episode.content = odd;
  episode.id = "\xff no UTF-8 \x01";
  episode.importance = 0.1;
  episode.extra = R"({"b": [1, 2.50, "\u00e9"], "a": null})";
  episode.tags = {"", odd, "plain"};
  memories.emplace_back(episode);
  Knowledge knowledge;
  knowledge.id = "k";
  knowledge.content = "c";
  knowledge.confidence = 1e-7;
  knowledge.source_episodes = {"one", "\xfe"};
  memories.emplace_back(knowledge);
  Skill skill;
  skill.id = skill.name = "s";
  skill.actions.resize(2);
  skill.actions[0].action = odd;
  skill.actions[0].params = R"({"z": 1, "a": {"y": [], "x": ""}})";
  skill.kind.clear();
  memories.emplace_back(skill);
  for (const auto& memory : memories) {
    const auto text = to_json(memory);
    CHECK(text == parse_json(text).dump());
    CHECK(parse_json(text) == fields_of(memory));
  }
  episode.summary = "\xff";
  CHECK_THROWS_AS(to_json(AnyMemory(episode)), Error);
}

TEST_CASE("every field of a full episode is where it was") {
  auto record = to_record("ns", samples::episode(), "w", at(42), 1024);
  const auto back = std::get<Episode>(memory_from_record(record));
  const auto e = samples::episode();
  CHECK(back.id == e.id);
  CHECK(back.kind == e.kind);
  CHECK(back.content == e.content);
  CHECK(back.agent == e.agent);
  CHECK(back.author == e.author);
  CHECK(back.session == e.session);
  CHECK(back.turn == e.turn);
  CHECK(back.tags == e.tags);
  CHECK(back.importance == e.importance);
  CHECK(back.time == e.time);
  CHECK(back.created_at == e.created_at);
  CHECK(back.expires_at == e.expires_at);
  CHECK(back.extra == e.extra);
  CHECK(back.task_prompt == e.task_prompt);
  CHECK(back.outcome == e.outcome);
  CHECK(back.summary == e.summary);
  CHECK(back.success == e.success);
  CHECK(back.duration == e.duration);
  CHECK(back.tools_used == e.tools_used);
  REQUIRE(back.steps.size() == 2);
  CHECK(back.steps[0].id == e.steps[0].id);
  CHECK(back.steps[0].reasoning == e.steps[0].reasoning);
  CHECK(back.steps[0].time == e.steps[0].time);
  CHECK_FALSE(back.steps[0].success);
  CHECK(back.access_count == 0);  // counters travel beside the value
}

TEST_CASE("the record says what the stores need to know") {
  const auto e = samples::episode();
  const auto record = to_record("ns", e, "writer", at(1'700'000'003'000), 1024);
  CHECK(record.key == RecordKey("ns", MemoryType::episodic, e.id));
  CHECK(record.created_at == e.created_at);
  CHECK(record.expires_at == e.expires_at);
  CHECK(record.writer == "writer");
  CHECK(record.lookup == e.session);
  CHECK(record.score == composite(AnyMemory(e), at(1'700'000'003'000)));
  CHECK_FALSE(record.deleted);
  CHECK(to_record("ns", samples::skill(), "w", at(1), 1024).lookup == "deploy: {x}");
  CHECK(to_record("ns", samples::knowledge(), "w", at(1), 1024).lookup.empty());
}

TEST_CASE("the value stands for itself: id, created_at and expires_at are in it") {
  Episode e;
  e.id = "e1";
  e.content = "text";
  e.expires_at = at(99);
  const auto record = to_record("ns", e, "w", at(42), 1024);
  CHECK(unwrap_value(record.value) == R"({"created_at":42,"expires_at":99,"id":"e1","text":"text"})");
}

TEST_CASE("equal memories give equal text, whatever the form of their JSON") {
  auto a = samples::episode(), b = a;
  a.extra = R"({ "z": 1, "a": 2 })";
  b.extra = R"({"a":2,"z":1})";
  CHECK(to_json(a) == to_json(b));
}

TEST_CASE("steps and sessions come back") {
  auto step = samples::episode().steps[0];
  auto record = to_record("ns", step, "agent\xff", at(77), 1024);
  CHECK(record.key.type == MemoryType::working);
  CHECK(record.lookup == "agent\xff");
  CHECK(record.expires_at == at(77));
  CHECK(record.created_at == step.time);
  CHECK(to_json(step_from_record(record)) == to_json(step));

  Session session;
  session.id = "s2";
  session.agent = "a\xff";
  session.previous = "s1";
  session.created_at = at(5);
  record = to_record("ns", session, no_expiry, 1024);
  CHECK(record.key.type == MemoryType::session);
  const auto back = session_from_record(record);
  CHECK(to_json(back) == to_json(session));
  CHECK(back.agent == "a\xff");
  CHECK(back.created_at == at(5));
}

TEST_CASE("the record is right where the value says otherwise; what is unknown is ignored") {
  auto record = record_with(R"({"id":"other","text":"t","expires_at":5,"later":{"x":1},"agent":null})");
  record.expires_at = at(10);
  record.writer = "w";
  const auto memory = memory_from_record(record);
  CHECK(common(memory).id == "the-id");
  CHECK(common(memory).expires_at == at(10));
  CHECK(common(memory).agent == "w");
}

TEST_CASE("foreign values are corrupt, by the name of their record") {
  for (const auto* json : {"",
                           "x",
                           "[]",
                           "null",
                           "\"text\"",
                           "{",
                           "{\"text\":\"\xff\"}",
                           R"({"text":1})",
                           R"({"tags":"a"})",
                           R"({"tags":[1]})",
                           R"({"importance":"1"})",
                           R"({"importance":1.5})",
                           R"({"importance":-0.1})",
                           R"({"importance":1e999})",
                           R"({"turn":1.5})",
                           R"({"turn":18446744073709551615})",
                           R"({"turn":"1"})",
                           R"({"ts":"yesterday"})",
                           R"({"ts":true})",
                           R"({"created_at":1e18})",
                           R"({"created_at":9223372036854775807})",
                           R"({"expires_at":-99999999999999999})",
                           R"({"steps":{}})",
                           R"({"steps":[1]})",
                           R"({"steps":[[]]})",
                           R"({"duration_ms":-1})",
                           R"({"duration_ms":1e3})",
                           R"({"extra":[]})",
                           R"({"id":{"hex":"zz"}})",
                           R"({"id":{"hex":"0"}})",
                           R"({"id":{}})",
                           R"({"session":[]})",
                           R"({"success":"yes"})",
                           R"({"tools_used":{"a":1}})"})
    CHECK_MESSAGE(code_of(record_with(json)) == errc::corrupt, json);
  CHECK(code_of(record_with(R"({"source_episodes":[{"a":1}]})", MemoryType::semantic)) == errc::corrupt);
  CHECK(code_of(record_with(R"({"confidence":2})", MemoryType::semantic)) == errc::corrupt);
  CHECK(code_of(record_with(R"({"actions":[{"action":{}}]})", MemoryType::skill)) == errc::corrupt);
  CHECK(code_of(record_with("{}", MemoryType::working)) == errc::corrupt);
  CHECK(code_of(record_with("{}")) == errc{});
}

TEST_CASE("deep and crowded JSON, tombstones, bombs and unknown flags are corrupt") {
  const auto nested = [](int depth) {
    return R"({"x":)" + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  CHECK(code_of(record_with(nested(63))) == errc{});
  CHECK(code_of(record_with(nested(64))) == errc::corrupt);
  CHECK(code_of(record_with(std::string(1'000'000, '['))) == errc::corrupt);
  std::string crowd = R"({"x":[0)";
  for (int i = 0; i < 500'000; ++i) crowd += ",0";
  CHECK(code_of(record_with(crowd + "]}")) == errc::corrupt);
  CHECK(code_of(record_with(R"({"text":"brackets in texts do not nest: )" + std::string(1000, '[') +
                            "\"}")) == errc{});
  auto record = record_with("{}");
  record.deleted = true;
  CHECK(code_of(record) == errc::corrupt);
  record = record_with("{}");
  record.value[0] = '\x02';
  CHECK(code_of(record) == errc::corrupt);
  record.value.clear();
  CHECK(code_of(record) == errc::corrupt);
}

TEST_CASE("absurd counters are bounded") {
  auto record = record_with("{}", MemoryType::skill);
  constexpr std::uint64_t top = (std::uint64_t{1} << 53) - 1;
  for (const auto* key : {"xa", "sa", "sb", "da", "la", "aa"}) REQUIRE(record.counters.raise_share(key, top));
  const auto skill = std::get<Skill>(memory_from_record(record));
  CHECK(skill.successes <= skill.executions);
  CHECK(skill.last_accessed > TimePoint{});
}

TEST_CASE("what cannot be stored is refused") {
  Episode e;
  e.content = "x";
  CHECK_THROWS_AS(to_record("ns", e, "w", at(1), 1024), Error);  // no id
  e.id = "e";
  CHECK_THROWS_AS(to_record("", e, "w", at(1), 1024), Error);
  e.content = "bad \xff";
  CHECK_THROWS_AS(to_record("ns", e, "w", at(1), 1024), Error);
  e.content.assign(9u << 20, 'a');
  CHECK_THROWS_AS(to_record("ns", e, "w", at(1), 1024), Error);
}

TEST_CASE("an import counts once, however often and wherever it is repeated") {
  const auto once = imported_counters(samples::skill());
  auto twice = once;
  CHECK_FALSE(twice.merge(imported_counters(samples::skill())));
  CHECK(twice.total(Counter::executions) == 9);
  twice.add("here", Counter::executions, 1);
  CHECK(twice.total(Counter::executions) == 10);
  CHECK(imported_counters(Episode()).empty());
}
