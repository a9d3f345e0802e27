#include "memory/jsonl.hpp"

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;

namespace {

std::string message_of(const std::string& line) {
  try {
    (void)parse_line(line);
  } catch (const Error& error) {
    CHECK((error.code() == errc::invalid_argument || error.code() == errc::limit_exceeded));
    return error.what();
  }
  return "accepted";
}

void refused(const std::string& line, const std::string& name) {
  const auto message = message_of(line);
  CHECK_MESSAGE(message.find(name) != std::string::npos, line << " -> " << message);
}

}  // namespace

TEST_CASE("a line of an import becomes a memory") {
  const auto line = parse_line(
      R"({"id":"c/1","ns":"c","text":"Ann: Hi! All well?","body":"Hi! All well?","speaker":"Ann","caption":"",)"
      R"("session":3,"turn":12,"ts":"2023-05-08T13:56:00","kind":"episode","tags":["x"]})");
  const auto& e = std::get<Episode>(line.memory);
  CHECK(line.ns == "c");
  CHECK_FALSE(line.has_expiry);
  CHECK_FALSE(line.ttl.has_value());
  CHECK(e.id == "c/1");
  CHECK(e.content == "Ann: Hi! All well?");
  CHECK(e.author == "Ann");
  CHECK(e.session == "3");
  CHECK(e.turn == 12);
  CHECK(e.time == at(1'683'554'160'000));
  CHECK(e.tags == std::vector<std::string>{"x"});
  CHECK(e.kind == "episode");
  CHECK(e.task_prompt.empty());
  CHECK(e.extra == R"({"body":"Hi! All well?","caption":""})");
}

TEST_CASE("kinds name types") {
  CHECK(std::holds_alternative<Episode>(parse_line(R"({"text":"t"})").memory));
  CHECK(std::holds_alternative<Episode>(parse_line(R"({"text":"t","kind":null})").memory));
  const auto fact = std::get<Knowledge>(parse_line(R"({"text":"One. Two.","kind":"semantic"})").memory);
  CHECK(fact.pattern == "One.");
  CHECK(fact.content == "One. Two.");
  const auto document = std::get<Knowledge>(parse_line(R"({"text":"t","kind":"document"})").memory);
  CHECK(document.kind == "document");
  CHECK(document.type == MemoryType::semantic);
  CHECK(std::get<Skill>(parse_line(R"({"text":"go: fast","kind":"skill"})").memory).name == "go");
  CHECK(std::get<Skill>(parse_line(R"({"id":"m/go","text":"go: fast","kind":"skill"})").memory).name ==
        "m/go");
  CHECK(common(parse_line(R"({"text":"t","type":"semantic","kind":"rumour"})").memory).kind == "rumour");
}

TEST_CASE("an exported line is parsed into an equal memory") {
  for (const auto& memory : samples::all()) {
    const auto text = export_line("n\xff", memory);
    const auto line = parse_line(text);
    CHECK(line.ns == "n\xff");
    CHECK(samples::all_of(line.memory) == samples::all_of(memory));
    CHECK(common(line.memory).type == common(memory).type);
    CHECK(line.has_expiry);
    CHECK(export_line(line.ns, line.memory) == text);
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("fields that we do not know stand on the line again, those of our names stay apart") {
  const auto text = export_line("n", samples::episode());
  CHECK(text.find(R"("body":"x")") != std::string::npos);
  CHECK(text.find(R"("extra":{"text":"inner"})") != std::string::npos);
  const auto both = parse_line(R"({"text":"t","extra":{"a":1,"b":1},"a":2})");
  CHECK(common(both.memory).extra == R"({"a":2,"b":1})");
}

TEST_CASE("further fields of any name survive an export") {
  for (const auto* name :
       {"id",         "ns",         "type",    "kind",    "text",   "session", "ts",     "tags",
        "extra",      "counters",   "pattern", "name",    "steps",  "actions", "ttl_ms", "expires_at",
        "created_at", "confidence", "success", "content", "author", "hex",     "",       "\xc3\xa9"})
    for (auto memory : samples::all()) {
      common(memory).extra = std::string(R"({")") + name + R"(":[{"hex":"00"}]})";
      CHECK_MESSAGE(samples::all_of(parse_line(export_line("n", memory)).memory) == samples::all_of(memory),
                    name);
    }
}

TEST_CASE("times to live count from the import on") {
  CHECK(parse_line(R"({"text":"t","ttl_ms":60000})").ttl == Milliseconds(60'000));
  CHECK(parse_line(R"({"text":"t","ttl_ms":0})").has_expiry);
  CHECK_FALSE(parse_line(R"({"text":"t","ttl_ms":null})").has_expiry);
  CHECK(common(parse_line(R"({"text":"t","expires_at":"2030-01-01"})").memory).expires_at ==
        at(1'893'456'000'000));
}

TEST_CASE("seconds are not taken for milliseconds") {
  refused(R"({"text":"t","ts":1717144200})", "looks like seconds");
  refused(R"({"text":"t","created_at":1717144200})", "looks like seconds");
  refused(R"({"text":"t","expires_at":1717144200})", "looks like seconds");
  CHECK(common(parse_line(R"({"text":"t","ts":1717144200000})").memory).time == at(1'717'144'200'000));
  CHECK(common(parse_line(R"({"text":"t","ts":"1970-01-20"})").memory).time == at(1'641'600'000));
  auto memory = samples::all().front();
  common(memory).time = common(memory).created_at = common(memory).expires_at = at(1'641'600'000);
  CHECK(samples::all_of(parse_line(export_line("n", memory)).memory) == samples::all_of(memory));
}

TEST_CASE("session numbers become text") {
  CHECK(common(parse_line(R"({"text":"t","session":-3})").memory).session == "-3");
  CHECK(common(parse_line(R"({"text":"t","session":1.5})").memory).session == "1.5");
  CHECK(common(parse_line(R"({"text":"t","session":""})").memory).session.empty());
}

TEST_CASE("of a name that stands twice the last counts") {
  CHECK(common(parse_line(R"({"text":"a","text":"b"})").memory).content == "b");
}

TEST_CASE("errors name the field and never blame the store") {
  refused("", "JSON");
  refused("not json", "JSON");
  refused("[]", "object");
  refused(R"({"text":"t"} x)", "JSON");
  refused("{}", "'text' is missing");
  refused(R"({"id":"a"})", "'text' is missing");
  refused(R"({"text":""})", "'text' is missing");
  refused(R"({"text":"","kind":"document"})", "'text' is missing");
  refused(R"({"text":null})", "'text' is missing");
  refused(R"({"text":5})", "'text'");
  refused(R"({"text":"t","kind":"dream"})", "'kind' is 'dream'");
  refused(R"({"text":"t","kind":5})", "'kind'");
  refused(R"({"text":"t","type":"working"})", "'type' is 'working'");
  refused(R"({"text":"t","type":"x","kind":"episode"})", "'type'");
  refused(R"({"text":"t","ts":"last week"})", "'ts'");
  refused(R"({"text":"t","ts":[1]})", "'ts'");
  refused(R"({"text":"t","id":7})", "'id'");
  refused(R"({"text":"t","ns":7})", "'ns'");
  refused(R"({"text":"t","ns":")" + std::string(257, 'n') + R"("})", "ns");
  refused(R"({"text":"t","id":")" + std::string(257, 'i') + R"("})", "id has 257 bytes");
  refused(R"({"text":"t","tags":"a"})", "'tags'");
  refused(R"({"text":"t","tags":["a\u0000"]})", "tags[0]");
  refused(R"({"text":"a\u0000b"})", "content");
  refused(R"({"text":"t","turn":"first"})", "'turn'");
  refused(R"({"text":"t","session":{}})", "'session'");
  refused(R"({"text":"t","ttl_ms":-1})", "'ttl_ms'");
  refused(R"({"text":"t","ttl_ms":9000000000000000})", "time to live");
  refused(R"({"text":"t","extra":"x"})", "'extra'");
  refused(R"({"text":"t","counters":[]})", "object");
  refused(R"({"text":"t","kind":"skill","name":"n","counters":{"executions":1,"successes":2}})", "successes");
  refused(R"({"text":"t","counters":{"accesses":-1}})", "'accesses'");
  refused("{\"text\":\"\xff\"}", "JSON");
  refused(R"({"text":": nameless","kind":"skill"})", "name");
  refused(R"({"text":"t","importance":2})", "'importance'");
  refused(R"({"text":")" + std::string((1u << 20) + 1, 'a') + R"("})", "content");
}

TEST_CASE("lines are bounded in size and depth") {
  refused(std::string(max_line_bytes + 1, ' '), "8388608");
  refused(R"({"text":"t","x":)" + std::string(64, '[') + std::string(64, ']') + "}", "64 levels");
  refused(R"({"text":"t","x":)" + std::string(60, '[') + std::string(60, ']') + "}", "extra");
  CHECK(message_of(R"({"text":"t","x":)" + std::string(50, '[') + std::string(50, ']') + "}") == "accepted");
}
