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
  const Value meta = list({text("ms"), text("5"), text("store"), text("abc"), text("deleted"), text("0")});
  const Value good = list({text("episodic:a"), meta, text("v")});
  return list(
      {text("nonce"), text("e1"), text("9"), text("7"), number(1), number(2), list({good, text("foreign")})});
}

TEST_CASE("replies: an answer to a push counts only when the script can have given it") {
  const auto status = [](std::vector<Value> items) {
    items.insert(items.begin(), text("nonce"));
    const auto answer = read_push_answer(list(std::move(items)), "run");
    CHECK(answer.position.epoch.empty() == (answer.status == PushStatus::unknown));
    return answer.status;
  };
  CHECK(status({text("applied"), text("e1"), text("7")}) == PushStatus::applied);
  CHECK(status({text("counters"), text("e1"), text("7")}) == PushStatus::applied);
  CHECK(status({text("superseded"), text("e1"), text("7")}) == PushStatus::superseded);
  CHECK(status({text("refused"), text("e1"), text("7")}) == PushStatus::unknown);
  CHECK(status({text(""), text("e1"), text("7")}) == PushStatus::unknown);
  CHECK(status({Value(), Value(), Value()}) == PushStatus::unknown);
  CHECK(status({text("applied"), text(""), text("7")}) == PushStatus::unknown);
  CHECK(status({text("applied"), text("e1"), text("-7")}) == PushStatus::unknown);
  CHECK(status({text("applied"), text("e1")}) == PushStatus::unknown);
  CHECK(read_push_answer(text("OK"), "run").status == PushStatus::unknown);
  const auto answer = read_push_answer(list({text("nonce"), text("applied"), text("e1"), text("7")}), "run");
  CHECK(answer.position == storage::Position("e1.run", 7));
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

TEST_CASE("replies: a hint") {
  CHECK(read_hint("e1 7 episodic:a", "run") == storage::Position("e1.run", 7));
  CHECK(read_hint("e1 7", "run") == storage::Position("e1.run", 7));
  for (const auto* other : {"", " ", "e1", "e1 ", " 7", "e1 x episodic:a", "e1  7", "e1 -7 a"})
    CHECK_MESSAGE(!read_hint(other, "run"), other);
  CHECK_FALSE(read_hint(std::string(65, 'e') + " 7 episodic:a", "run"));
}

}  // namespace
}  // namespace comem::redis
