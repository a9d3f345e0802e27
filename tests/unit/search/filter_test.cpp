#include <doctest/doctest.h>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

namespace {

// Three documents of one word that differ in everything else.
Index three() {
  Index index;
  Document episode = document("episode", "word", 10);
  episode.tags = {"red", "small"};
  episode.session = "s1";
  episode.agent = "a1";
  episode.author = "Ann";
  episode.success = false;
  episode.confidence = 0.1;
  Document fact = document("fact", "word", 20);
  fact.type = MemoryType::semantic;
  fact.tags = {"red", "large"};
  fact.session = "s2";
  fact.agent = "a2";
  fact.confidence = 0.7;
  Document skill = document("skill", "word", 30);
  skill.type = MemoryType::skill;
  skill.confidence = 0.1;
  index.upsert(episode);
  index.upsert(fact);
  index.upsert(skill);
  return index;
}

// By relevance and by time alike: filters do not depend on the way of searching.
void check(Query query, const Ids& expected, const std::set<std::string>& sessions = {}) {
  const Index index = three();
  query.text = "word";
  CHECK(found(index, query, sessions) == expected);
  query.text = "";
  CHECK(found(index, query, sessions) == expected);
}

const Ids all{"skill", "fact", "episode"};  // newest first

}  // namespace

TEST_CASE("filter: none") {
  check(Query(""), all);
}

TEST_CASE("filter: types") {
  check(Query("").with_types({MemoryType::semantic}), {"fact"});
  check(Query("").with_types({MemoryType::episodic, MemoryType::skill}), {"skill", "episode"});
  check(Query("").with_types({MemoryType::working}), {});
}

TEST_CASE("filter: any tag") {
  check(Query("").with_any_tag({"small", "large"}), {"fact", "episode"});
  check(Query("").with_any_tag({"unknown", "large"}), {"fact"});
  check(Query("").with_any_tag({"unknown"}), {});
  check(Query("").with_any_tag({"Red"}), {});
}

TEST_CASE("filter: all tags") {
  check(Query("").with_all_tags({"red"}), {"fact", "episode"});
  check(Query("").with_all_tags({"red", "small", "red"}), {"episode"});
  check(Query("").with_all_tags({"red", "unknown"}), {});
  check(Query("").with_all_tags({"red"}).with_any_tag({"large"}), {"fact"});
}

TEST_CASE("filter: sessions") {
  check(Query(""), {"episode"}, {"s1"});
  check(Query(""), {"fact", "episode"}, {"s1", "s2", "unknown"});
  check(Query(""), {}, {"unknown"});
  check(Query(""), {"skill"}, {""});
}

TEST_CASE("filter: agent and author") {
  check(Query("").by_agent("a2"), {"fact"});
  check(Query("").by_agent("s2"), {});  // a name of something else
  check(Query("").by_author("Ann"), {"episode"});
  check(Query("").by_author("Ann").by_agent("a2"), {});
  check(Query("").by_author("Bob"), {});
}

TEST_CASE("filter: success drops unsuccessful episodes only") {
  check(Query("").only_successful(), {"skill", "fact"});
}

TEST_CASE("filter: time, both ends included, zero open") {
  check(Query("").between(at(10), at(20)), {"fact", "episode"});
  check(Query("").between(at(11), TimePoint{}), {"skill", "fact"});
  check(Query("").between(TimePoint{}, at(19)), {"episode"});
  check(Query("").between(at(20), at(10)), {});
}

TEST_CASE("filter: confidence is asked of facts only") {
  check(Query("").at_least_confidence(0.7), all);
  check(Query("").at_least_confidence(0.71), {"skill", "episode"});
}

TEST_CASE("filter: the best of those that pass are found, however many others score higher") {
  Index index;
  for (int i = 0; i < 100; ++i) index.upsert(document("loud" + std::to_string(i), "word word word"));
  Document quiet = document("quiet", "word among many others");
  quiet.tags = {"wanted"};
  index.upsert(quiet);
  CHECK(found(index, Query("word").with_any_tag({"wanted"}).with_limit(1)) == Ids{"quiet"});
}

TEST_CASE("filter: names outlive compaction") {
  Index index = three();
  for (int i = 0; i < 500; ++i) {
    Document passing = document("passing", "other");
    passing.tags = {"tag" + std::to_string(i)};
    passing.session = "session" + std::to_string(i);
    index.upsert(passing);
  }
  CHECK(found(index, Query("word").with_all_tags({"red", "large"})) == Ids{"fact"});
  CHECK(found(index, Query("word").by_author("Ann"), {"s1"}) == Ids{"episode"});
  CHECK(found(index, Query("other"), {"session499"}) == Ids{"passing"});
  CHECK(found(index, Query("other"), {"session498"}).empty());
}
