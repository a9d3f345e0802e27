#include "adapters/redis/wire.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "adapters/redis/diagnosis.hpp"
#include "adapters/redis/meta.hpp"
#include "adapters/redis/scripts.hpp"

namespace comem::redis {
namespace {

Value text(const std::string& words) {
  return Value(Value::Kind::text, words);
}

const std::string good_meta = "1000 2 0 0 999 0.5 3 2 3 xabc=7 abcmesee";

Value entry(const std::string& member, const std::string& meta, const std::string& value) {
  Value out(Value::Kind::array);
  out.items = {text(member), text(meta), text(value)};
  return out;
}

TEST_CASE("wire: a good entry") {
  const auto record = record_from("ns", entry("episodic:a:b", good_meta, "v"));
  REQUIRE(record);
  CHECK(record->key == RecordKey("ns", MemoryType::episodic, "a:b"));
  CHECK(record->version.ms == 1000);
  CHECK(record->version.counter == 2);
  CHECK(record->version.store == "abc");
  CHECK(record->writer == "me");
  CHECK(record->lookup == "see");
  CHECK(record->counters.total(Counter::executions) == 7);
  CHECK(record->value == "v");
  CHECK(encode_meta(*record) == good_meta);
}

TEST_CASE("wire: any bytes may stand in names") {
  Record record;
  record.version = Version{5, 0, "s t"};
  record.writer = std::string("a \0 1", 5);
  record.lookup = "see ; = \n";
  record.score = 1e-300;
  record.counters.raise("s", Counter::executions, max_exact);
  record.counters.raise("t", Counter::accesses, 1);
  Record again;
  REQUIRE(decode_meta(encode_meta(record), again));
  CHECK(again.version == record.version);
  CHECK(again.writer == record.writer);
  CHECK(again.lookup == record.lookup);
  CHECK(again.score == record.score);
  CHECK(again.counters == record.counters);
}

TEST_CASE("wire: every broken field drops the record") {
  const std::string long_name(257, 'a');
  const std::vector<std::string> bad{"",
                                     "x",
                                     "-1 2 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "x 2 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     " 2 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "4503599627370497 2 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "00000000000001000 2 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 4294967296 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 -1 0 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 2 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 1 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 00 0 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 soon 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 9007199254740992 999 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 0 1e3 0.5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 0 999 nan 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 0 999 inf 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 0 999 1,5 3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 0 999  3 2 3 xabc=7 abcmesee",
                                     "1000 2 0 0 999 0.5 0 5 3 xabc=7 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 4 xabc=7 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 2 xabc=7 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 99999999999999999 xabc=7 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 xabc=-7 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 xabc=9007199254740992 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 xabc=7; abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 ; abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 xabc abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 zabc=1 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 x=1 abcmesee",
                                     "1000 2 0 0 999 0.5 3 2 3 xabc=7",
                                     "1000 2 0 0 999 0.5 65 0 0  " + std::string(65, 'a'),
                                     "1000 2 0 0 999 0.5 3 257 0  abc" + long_name,
                                     "1000 2 0 0 999 0.5 3 0 257  abc" + long_name};
  for (const auto& meta : bad) CHECK_MESSAGE(!record_from("ns", entry("episodic:a", meta, "v")), meta);
  CHECK(
      record_from("ns", entry("episodic:a", "4503599627370496 2 0 0 999 0.5 3 2 3  abcmesee", "v")));  // 2^52
}

TEST_CASE("wire: entries of other shapes are dropped") {
  CHECK_FALSE(record_from("ns", Value()));
  CHECK_FALSE(record_from("ns", text("x")));
  CHECK_FALSE(record_from("ns", Value(Value::Kind::array)));
  for (const auto& member : std::vector<std::string>{"", "episodic", "episodic:", ":a", "unknown:a",
                                                     std::string("episodic:") + std::string(257, 'a')})
    CHECK_FALSE(record_from("ns", entry(member, good_meta, "v")));
  CHECK_FALSE(record_from("ns", entry("episodic:a", good_meta, "")));
  auto nested = entry("episodic:a", good_meta, "v");
  nested.items[1] = Value(Value::Kind::array);
  CHECK_FALSE(record_from("ns", nested));
}

TEST_CASE("wire: an absurd score and times before 1970 become zero on the way out") {
  Record record;
  record.key = RecordKey("ns", MemoryType::episodic, "a");
  record.score = std::nan("");
  record.created_at = TimePoint(Milliseconds(-5));
  Request request;
  const std::vector<const Record*> records{&record};
  add_apply(request, Keys("ns"), records, TimePoint(), "e", "n");
  CHECK(request.commands() == 1);
  CHECK(request.bytes().find("nan") == std::string::npos);
  CHECK(request.bytes().find("-5") == std::string::npos);
}

TEST_CASE("wire: an epoch names its server") {
  const auto joined = join_epoch("e1", "run1");
  CHECK(epoch_within(joined, "run1") == "e1");
  CHECK(epoch_within(joined, "run2").empty());
  CHECK(epoch_within("", "run1").empty());
  CHECK(epoch_within("e1", "run1").empty());
  CHECK(epoch_within(join_epoch("e1", "run.1"), "run.1") == "e1");
  CHECK(epoch_within(join_epoch("e1", "1"), "run.1").empty());
  CHECK(epoch_within(join_epoch("e1", "."), ".") == "e1");
  CHECK(epoch_within(join_epoch("e1", "run.history"), "run.history") == "e1");
  CHECK(epoch_within(join_epoch("e1", "run.history"), "run.another").empty());
}

TEST_CASE("scripts: their digest is that of SHA-1") {
  CHECK(Script("return 1").sha() == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  CHECK(apply_script().text().find('@') == std::string::npos);
}

Reply answers(const std::string& memory, const std::string& role, const std::string& seconds, Value script) {
  Reply reply;
  Value time(Value::Kind::array);
  time.items = {text(seconds), text("0")};
  reply.values = {text(memory), text("# P\r\nloading:0\r\naof_enabled:0\r\nrdb_last_bgsave_status:ok\r\n"),
                  text("# R\r\nrole:" + role + "\r\n"), time, std::move(script)};
  return reply;
}

Finding::Severity severity_of(const std::vector<Finding>& findings, const std::string& subject) {
  for (const auto& finding : findings)
    if (finding.subject == subject) {
      CHECK((finding.severity == Finding::Severity::ok) == finding.remedy.empty());
      return finding.severity;
    }
  FAIL("no finding about " << subject);
  return {};
}

TEST_CASE("diagnosis: what the answers mean") {
  using Severity = Finding::Severity;
  const TimePoint now(std::chrono::seconds(1000));
  const auto findings = [&](const Reply& reply, const std::string& version = "7.0.15", bool resp3 = true) {
    return health_findings(reply, Milliseconds(1), now, "redis://h:1/0", "redis", version, resp3);
  };
  const std::string fine = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n";
  const auto good = findings(answers(fine, "master", "1000", Value()));
  for (const auto& finding : good) CHECK_MESSAGE(finding.severity == Severity::ok, finding.text);
  const auto policy = [&](const std::string& name) {
    const auto memory = "# Memory\r\nmaxmemory:100\r\nmaxmemory_policy:" + name + "\r\n";
    return severity_of(findings(answers(memory, "master", "1000", Value())), "policy");
  };
  CHECK(policy("allkeys-lru") == Severity::warning);
  CHECK(policy("volatile-random") == Severity::warning);
  CHECK(policy("volatile-ttl") == Severity::warning);
  CHECK(policy("allkeys-lrm") == Severity::warning);  // and what else may come
  CHECK(policy("noeviction") == Severity::ok);
  const auto full = "# Memory\r\nused_memory:100\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\n";
  CHECK(severity_of(findings(answers(full, "master", "1000", Value())), "memory") == Severity::error);
  CHECK(severity_of(findings(answers(fine, "slave", "1000", Value())), "role") == Severity::error);
  CHECK(severity_of(findings(answers(fine, "master", "1060", Value())), "clock") == Severity::warning);
  CHECK(severity_of(findings(answers(fine, "master", "1005", Value())), "clock") == Severity::ok);
  const auto denied = Value(Value::Kind::error, "NOPERM secret");
  CHECK(severity_of(findings(answers(fine, "master", "1000", denied)), "scripts") == Severity::error);
  CHECK(severity_of(findings(answers(fine, "master", "1000", Value()), "5.0.14"), "versions") ==
        Severity::warning);
  CHECK(severity_of(findings(answers(fine, "master", "1000", Value()), "7.0.0", false), "versions") ==
        Severity::warning);
  Reply forbidden = answers(fine, "master", "1000", Value());
  for (std::size_t i = 0; i < 4; ++i) forbidden.values[i] = denied;
  for (const auto& finding : findings(forbidden)) CHECK(finding.text.find("secret") == std::string::npos);
  CHECK(severity_of(findings(forbidden), "policy") == Severity::warning);
  CHECK(severity_of(findings(Reply()), "redis") == Severity::error);
}

}  // namespace
}  // namespace comem::redis
