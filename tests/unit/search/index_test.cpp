#include "search/index.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "documents_for_tests.hpp"
#include "search/query_terms.hpp"

using namespace comem;
using namespace comem::search;
using Words = std::vector<std::string>;

TEST_CASE("an empty index answers nothing") {
  const Index index;
  CHECK(found(index, Query("anything")).empty());
  CHECK(found(index, Query("")).empty());
  CHECK(index.size() == 0);
  CHECK(index.terms() == 0);
}

TEST_CASE("documents are found by the stems of their words") {
  Index index;
  index.upsert(document("a", "She went running in Paris."));
  index.upsert(document("b", "The caf\u00e9 was closed."));
  CHECK(found(index, Query("RUNS")) == Ids{"a"});
  CHECK(found(index, Query("going")) == Ids{"a"});
  CHECK(found(index, Query("cafe's")) == Ids{"b"});
  CHECK(found(index, Query("unheard")).empty());
  CHECK(index.size() == 2);
}

TEST_CASE("a match names the words of the query that it has, as they were written") {
  Index index;
  index.upsert(document("a", "red apples and green pears"));
  index.upsert(document("b", "a green door"));
  const auto matches = index.search(Query("Where is the GREEN apple's tree?"), {}, at(0));
  REQUIRE(matches.size() == 2);
  CHECK(matches[0].id == "a");
  CHECK(matches[0].words == Words{"GREEN", "apple's"});
  CHECK(matches[1].words == Words{"GREEN"});
  CHECK(matches[0].score > matches[1].score);
  CHECK(matches[1].score > 0);
}

TEST_CASE("an upsert replaces the document of the same type and id only") {
  Index index;
  index.upsert(document("a", "first words"));
  Document skill = document("a", "skilled hands");
  skill.type = MemoryType::skill;
  index.upsert(skill);
  index.upsert(document("a", "second thoughts"));
  CHECK(index.size() == 2);
  CHECK(found(index, Query("first")).empty());
  CHECK(found(index, Query("second")) == Ids{"a"});
  CHECK(found(index, Query("skilled")) == Ids{"a"});
  index.remove(MemoryType::episodic, "a");
  index.remove(MemoryType::episodic, "a");
  index.remove(MemoryType::semantic, "never there");
  CHECK(index.size() == 1);
  CHECK(found(index, Query("second")).empty());
  CHECK(found(index, Query("skilled")) == Ids{"a"});
  index.clear();
  CHECK(index.size() == 0);
  CHECK(found(index, Query("skilled")).empty());
}

TEST_CASE("ties go to the higher composite score, then the newer, then the smaller id") {
  Index index;
  index.upsert(document("d", "same text", 1));
  index.upsert(document("c", "same text", 1));
  index.upsert(document("b", "same text", 2));
  Document worthy = document("e", "same text", 0);
  worthy.composite = 0.5;
  index.upsert(worthy);
  CHECK(found(index, Query("text")) == Ids{"e", "b", "c", "d"});
  CHECK(found(index, Query("text").with_limit(2)) == Ids{"e", "b"});
}

TEST_CASE("worth never outweighs relevance") {
  Index index;
  Document worthy = document("worthy", "apples once among other things", 900);
  worthy.composite = 1.0;
  index.upsert(worthy);
  index.upsert(document("apt", "apples, apples and pears", 1));
  CHECK(found(index, Query("apples")) == Ids{"apt", "worthy"});
}

TEST_CASE("numbers that do not compare do not disturb the order") {
  Index index;
  for (const char* id : {"a", "b", "c"}) {
    Document odd = document(id, "same");
    odd.composite = std::numeric_limits<double>::quiet_NaN();
    odd.confidence = std::numeric_limits<double>::quiet_NaN();
    index.upsert(odd);
  }
  CHECK(found(index, Query("same")) == Ids{"a", "b", "c"});
}

TEST_CASE("a query of stop words alone searches for them; beside others they do not count") {
  Index index;
  index.upsert(document("a", "to be or not to be"));
  index.upsert(document("b", "own goal"));
  index.upsert(document("c", "he owned it"));
  CHECK(found(index, Query("not")) == Ids{"a"});
  CHECK(found(index, Query("own")) == Ids{"b"});
  CHECK(found(index, Query("owned")) == Ids{"c"});
  CHECK(found(index, Query("to be a goal")) == Ids{"b"});
}

TEST_CASE("a query without any word answers the newest, whatever they are worth") {
  Index index;
  Document worthy = document("old", "x", 1);
  worthy.composite = 1;
  index.upsert(worthy);
  index.upsert(document("new", "", 3));
  index.upsert(document("middle", "y", 2));
  for (const char* text : {"", " ?! ", "\xff", "\U0001f600"}) {
    CHECK(found(index, Query(text).with_limit(2)) == Ids{"new", "middle"});
  }
  CHECK(index.search(Query(""), {}, at(0)).front().score == 0);
}

TEST_CASE("a limit of zero answers nothing, an enormous one everything") {
  Index index;
  index.upsert(document("a", "x"));
  CHECK(found(index, Query("x").with_limit(0)).empty());
  CHECK(found(index, Query("").with_limit(0)).empty());
  CHECK(found(index, Query("x").with_limit(std::numeric_limits<std::size_t>::max())) == Ids{"a"});
}

TEST_CASE("what has expired is not found, and is dropped when asked") {
  Index index;
  Document brief = document("brief", "word");
  brief.expires_at = at(100);
  index.upsert(brief);
  index.upsert(document("lasting", "word"));
  CHECK(found(index, Query("word"), {}, at(99)) == Ids{"brief", "lasting"});
  CHECK(found(index, Query("word"), {}, at(100)) == Ids{"lasting"});
  CHECK(found(index, Query(""), {}, at(100)) == Ids{"lasting"});
  CHECK(index.drop_expired(at(99)) == 0);
  CHECK(index.drop_expired(at(100)) == 1);
  CHECK(index.drop_expired(at(100)) == 0);
  CHECK(index.size() == 1);
  CHECK(found(index, Query("word"), {}, at(0)) == Ids{"lasting"});
}

TEST_CASE("removed documents leave nothing behind: no terms, and no trace in scores") {
  Index index;
  index.upsert(document("kept", "apple pear"));
  const double score = index.search(Query("apple"), {}, at(0)).at(0).score;
  for (int i = 0; i < 1000; ++i) {
    index.upsert(document("gone", "apple word" + std::to_string(i)));
    index.upsert(document("gone" + std::to_string(i), "apple pear plum" + std::to_string(i)));
    if (i % 2 == 0) index.remove(MemoryType::episodic, "gone" + std::to_string(i));
    CHECK(index.terms() < 4 * 1000 + 3);
  }
  for (int i = 0; i < 1000; ++i) index.remove(MemoryType::episodic, "gone" + std::to_string(i));
  index.remove(MemoryType::episodic, "gone");
  CHECK(index.size() == 1);
  CHECK(index.terms() < 300);
  const auto matches = index.search(Query("apple"), {}, at(0));
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].score == score);
}

TEST_CASE("ids may be any bytes, and an index may be moved") {
  Index index;
  const std::string odd("\0{}:\xff", 5);
  index.upsert(document(odd, "word"));
  index.upsert(document("", "word"));
  Index moved = std::move(index);
  CHECK(found(moved, Query("word")) == Ids{"", odd});
  moved.remove(MemoryType::episodic, odd);
  CHECK(found(moved, Query("word")) == Ids{""});
}

TEST_CASE("enormous queries and documents are bounded") {
  std::string text;
  for (int i = 0; i < 150'000; ++i) text += "w" + std::to_string(i) + ' ';
  REQUIRE(text.size() > 1'000'000);
  Index index;
  index.upsert(document("big", text));
  index.upsert(document("small", "w7"));
  CHECK(found(index, Query("w7")) == Ids{"small", "big"});
  CHECK(found(index, Query("w149999")) == Ids{"big"});
  const std::string query = text.substr(0, 64 * 1024);
  CHECK(query_terms(query).size() == max_query_terms);
  CHECK(found(index, Query(query)).size() == 2);
}
