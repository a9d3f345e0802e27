#include "adapters/redis/replies.hpp"

#include <doctest/doctest.h>

namespace comem::redis {
namespace {

using storage::PushStatus;

Value text(const std::string& words) {
  return Value(Value::Kind::text, words);
}

Value number(std::int64_t value) {
  Value out(Value::Kind::integer);
  out.integer = value;
  return out;
}

Value list(std::vector<Value> items) {
  Value out(Value::Kind::array);
  out.items = std::move(items);
  return out;
}

Value good_page() {
  const Value good = list({text("episodic:a"), text("5 0 0 0 5 0.5 3 0 0  abc"), text("v")});
  return list(
      {text("nonce"), text("e1"), text("9"), text("7"), number(1), number(2), list({good, text("foreign")})});
}

TEST_CASE("replies: an answer to a push counts only when the script can have given it") {
  const auto status = [](std::vector<Value> items) {
    items.insert(items.begin(), text("nonce"));
    const auto answer = read_push_answer(list(std::move(items)), 1, "run");
    REQUIRE(answer.statuses.size() == 1);
    return answer.statuses[0];
  };
  CHECK(status({text("e1"), text("7"), text("applied")}) == PushStatus::applied);
  CHECK(status({text("e1"), text("7"), text("merged")}) == PushStatus::applied);
  CHECK(status({text("e1"), text("7"), text("superseded")}) == PushStatus::superseded);
  CHECK(status({text("e1"), text("7"), text("WRONGTYPE foreign")}) == PushStatus::refused);
  CHECK(status({text("e1"), text("7"), text("done")}) == PushStatus::unknown);
  CHECK(status({text("e1"), text("7"), text("")}) == PushStatus::unknown);
  CHECK(status({Value(), Value(), Value()}) == PushStatus::unknown);
  CHECK(status({text(""), text("7"), text("applied")}) == PushStatus::unknown);
  CHECK(status({text("e1"), text("-7"), text("applied")}) == PushStatus::unknown);
  CHECK(status({text("e1"), text("7")}) == PushStatus::unknown);
  CHECK(status({text("e1"), text("7"), text("applied"), text("applied")}) == PushStatus::unknown);
  CHECK(read_push_answer(text("OK"), 1, "run").statuses == std::vector{PushStatus::unknown});
}

TEST_CASE("replies: an answer to a push of several records tells of each") {
  const auto answer = read_push_answer(
      list({text("nonce"), text("e1"), text("7"), text("applied"), text("OOM no room"), text("superseded")}),
      3, "run");
  CHECK(answer.statuses == std::vector{PushStatus::applied, PushStatus::refused, PushStatus::superseded});
  CHECK(answer.position == storage::Position("e1.run", 7));
  CHECK(answer.refusal == "OOM no room");
  CHECK_FALSE(answer.merged);
  CHECK(read_push_answer(list({text("nonce"), text("e1"), text("7"), text("merged")}), 1, "run").merged);
}

TEST_CASE("replies: whose answer it is") {
  CHECK(is_answer_to(list({text("nonce.0"), text("applied")}), "nonce.0"));
  CHECK_FALSE(is_answer_to(list({text("nonce.1"), text("applied")}), "nonce.0"));
  CHECK_FALSE(is_answer_to(list({Value(Value::Kind::error, "nonce.0")}), "nonce.0"));
  CHECK_FALSE(is_answer_to(list({Value()}), ""));
  CHECK_FALSE(is_answer_to(list({}), ""));
  CHECK_FALSE(is_answer_to(text("nonce.0"), "nonce.0"));
}

TEST_CASE("replies: a page") {
  const auto page = read_page("ns", good_page(), "run");
  CHECK(page.answered);
  CHECK(page.reason.empty());
  CHECK(page.position == storage::Position("e1.run", 7));
  CHECK(page.more);
  CHECK(page.skipped == 3);
  REQUIRE(page.records.size() == 1);
  CHECK(page.records[0].key == RecordKey("ns", MemoryType::episodic, "a"));
}

TEST_CASE("replies: a malformed page is no answer") {
  const std::vector<std::pair<std::size_t, Value>> bad{{1, text("")},         {1, text(std::string(65, 'e'))},
                                                       {3, text("x")},        {3, text("-1")},
                                                       {4, text("1")},        {5, number(-1)},
                                                       {5, Value()},          {6, Value()},
                                                       {6, text("episodic")}, {1, Value()}};
  for (const auto& [at, value] : bad) {
    auto page = good_page();
    page.items[at] = value;
    const auto read = read_page("ns", page, "run");
    CHECK_FALSE(read.answered);
    CHECK_FALSE(read.reason.empty());
    CHECK(read.position.epoch.empty());
    CHECK(read.records.empty());
  }
  CHECK_FALSE(read_page("ns", Value(), "run").answered);
  CHECK_FALSE(read_page("ns", list({}), "run").answered);
}

TEST_CASE("replies: a page that promises more and goes no further would be asked for for ever") {
  const auto page = read_page("ns", good_page(), "run");
  REQUIRE(page.more);
  CHECK_FALSE(stands_still(page, storage::Position("e1.run", 6)));
  CHECK(stands_still(page, storage::Position("e1.run", 7)));
  CHECK_FALSE(stands_still(page, storage::Position("e0.run", 9)));
  auto last = page;
  last.more = false;
  CHECK_FALSE(stands_still(last, storage::Position("e1.run", 7)));
}

TEST_CASE("replies: sums and heads are believed whole or not at all") {
  const auto page = [](Value part) {
    return list({text("nonce"), text("e1"), text("9"), text("7"), number(1), list({std::move(part)})});
  };
  const auto sum = [](const char* name, std::int64_t count, std::int64_t hash) {
    return list({text(name), number(count), number(hash)});
  };
  const auto good = read_digest(page(sum("episodic:255", 2, 5)), "run");
  CHECK(good.answered);
  CHECK(good.position == storage::Position("e1.run", 7));
  CHECK(good.last == 9);
  CHECK(good.more);
  CHECK(good.digest.total(MemoryType::episodic).hash == 5);
  for (const auto& bad :
       {sum("episodic:256", 2, 5), sum("episodic", 2, 5), sum("martian:1", 2, 5), sum("", 2, 5),
        sum("episodic:1", 0, 5), sum("episodic:1", 2, -1), sum("episodic:1", 2, 1LL << 48)})
    CHECK_FALSE(read_digest(page(bad), "run").answered);
  CHECK_FALSE(read_digest(Value(), "run").answered);
  const auto head = [](const char* member, const char* ms, std::int64_t hash) {
    return list({text(member), text(ms), text("2"), text("store"), number(hash)});
  };
  const auto heads = read_heads("ns", page(head("skill:a", "5", 7)), "run");
  REQUIRE(heads.heads.size() == 1);
  CHECK(heads.heads[0].key == RecordKey("ns", MemoryType::skill, "a"));
  CHECK(heads.heads[0].version.ms == 5);
  for (const auto& bad : {head("skill", "5", 7), head("skill:a", "x", 7), head("skill:a", "5", -1),
                          head("skill:a", "4503599627370497", 7)})
    CHECK_FALSE(read_heads("ns", page(bad), "run").answered);
}

TEST_CASE("replies: a fetch that looked at more or less than it can have is no answer") {
  const auto looked = [](std::int64_t count) {
    return read_fetch("ns", list({text("nonce"), number(count), list({})}), 3).looked_at;
  };
  CHECK(looked(3) == 3);
  CHECK(looked(1) == 1);
  CHECK(looked(0) == 0);
  CHECK(looked(4) == 0);
  CHECK(looked(-1) == 0);
}

TEST_CASE("replies: what INFO says of replicas") {
  const auto info = text(
      "# R\r\nslave0:ip=h,port=1,state=online,offset=100,lag=0\r\n"
      "slave1:ip=h,port=2,state=wait_bgsave,offset=900,lag=0\r\nmaster_repl_offset:100\r\n");
  CHECK(stream_end(info) == 100u);
  CHECK(replicas_at(info, 100) == 1);
  CHECK(replicas_at(info, 101) == 0);
  CHECK_FALSE(stream_end(Value()));
}

TEST_CASE("replies: a hint") {
  const auto position = [](const std::string& words) {
    const auto hint = read_hint("ns", words, "run");
    return hint ? hint->position : storage::Position();
  };
  CHECK(position("e1 7 episodic:a") == storage::Position("e1.run", 7));
  CHECK(position("e1 7") == storage::Position("e1.run", 7));
  for (const auto* other : {"", " ", "e1", "e1 ", " 7", "e1 x episodic:a", "e1  7", "e1 -7 a"})
    CHECK_MESSAGE(!read_hint("ns", other, "run"), other);
  CHECK_FALSE(read_hint("ns", std::string(65, 'e') + " 7 episodic:a", "run"));
}

TEST_CASE("replies: a hint that carries its change") {
  const std::string meta = "5 0 0 0 5 0.5 3 0 0  abc", dead = "6 0 1 0 5 0.5 3 0 0  abc";
  const auto carried = [](const std::string& words) {
    const auto hint = read_hint("ns", "e1 7 " + words, "run");
    REQUIRE(hint);
    CHECK(hint->position == storage::Position("e1.run", 7));
    return hint->records;
  };
  const std::string first = "12 24 3 episodic:a b" + meta + "v 1", second = "7 24 0 skill:a" + dead;
  const auto both = carried(first + " " + second);
  REQUIRE(both.size() == 2);
  CHECK(both[0].key == RecordKey("ns", MemoryType::episodic, "a b"));
  CHECK(both[0].value == "v 1");
  CHECK(both[0].version.ms == 5);
  CHECK(both[1].key == RecordKey("ns", MemoryType::skill, "a"));
  CHECK(both[1].deleted);
  // What is not whole is none at all, and still a hint.
  for (const auto& broken : std::vector<std::string>{
           first + second, first + " ", first + " 7 24", first.substr(0, first.size() - 1), first + "x",
           "12 24 -3 episodic:a b" + meta, "12 24 99999999999999999999 episodic:a b" + meta + "v",
           "12 24 0 episodic:a b" + meta, "8 24 1 mouse:ab" + meta + "v"})
    CHECK_MESSAGE(carried(broken).empty(), broken);
}

}  // namespace
}  // namespace comem::redis
