// An index that was saved and loaded is the index that it was.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

namespace {

class Texts {
 public:
  explicit Texts(unsigned seed) : random_(seed) {}
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::string words(int count) {
    static const std::vector<std::string> all{
        "lake",  "garden", "paint", "photography", "photograph",        "running",
        "house", "tall",   "the",   "you",         "yesterday",         "caf\u00e9",
        "quick", "answer", "mice",  "piano",       "\u732b\u5728\u5bb6"};
    std::string text;
    for (int i = 0; i < count; ++i)
      text += all[static_cast<std::size_t>(below(17))] + (below(9) == 0 ? "? " : " ");
    return text;
  }

  Document any(int ids) {
    Document made = document("id" + std::to_string(below(ids)), words(1 + below(30)), below(1'000'000'000));
    made.type = long_term_types[static_cast<std::size_t>(below(3))];
    made.session = below(5) == 0 ? "" : "s" + std::to_string(below(12));
    if (below(2) == 0) made.turn = below(40);
    made.author = below(3) == 0 ? "" : below(2) == 0 ? "Anna" : "Ben";
    made.agent = "agent";
    made.tags = {"t" + std::to_string(below(4))};
    made.caption = below(6) == 0 ? "a tall house" : "";
    made.success = below(3) > 0;
    made.composite = below(5) / 4.0;
    if (below(5) == 0) made.expires_at = at(below(3000) + 1);
    return made;
  }

 private:
  std::mt19937 random_;
};

std::vector<Query> queries() {
  return {Query("lake house"),
          Query("what did Anna paint").with_limit(30),
          Query("photographic running").with_any_tag({"t1"}),
          Query("piono answr"),
          Query("lake").in_session("s3"),
          Query("the quick answer in January 1970").by_author("Ben"),
          Query("mouse").with_types({MemoryType::skill}).only_successful(),
          Query("").between(at(1), at(500'000'000)),
          Query("\u732b\u5728")};
}

// `part` of a score: sums of floats in another order differ in their last bits.
void check_same(const Index& one, const Index& other, double part = 0) {
  REQUIRE(one.size() == other.size());
  for (const Query& query : queries()) {
    const std::set<std::string> sessions =
        query.session.empty() ? std::set<std::string>{} : std::set<std::string>{query.session};
    const auto left = one.search(query, sessions, at(1000));
    const auto right = other.search(query, sessions, at(1000));
    REQUIRE(ids_of(left) == ids_of(right));
    for (std::size_t i = 0; i < left.size(); ++i) {
      CHECK(std::abs(left[i].score - right[i].score) <= part * right[i].score);
      CHECK(left[i].words == right[i].words);
      CHECK(left[i].heard == right[i].heard);
    }
  }
}

Index filled(unsigned seed) {
  Texts texts(seed);
  Index index;
  for (int i = 0; i < 400; ++i) {
    const Document next = texts.any(200);
    if (texts.below(5) == 0) {
      index.remove(next.type, next.id);
    } else {
      index.upsert(next);
    }
  }
  return index;
}

}  // namespace

TEST_CASE("a saved index answers alike when it is loaded, and goes on alike") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    Index index = filled(seed);
    Index loaded;
    loaded.upsert(document("in the way", "lake house piano"));
    REQUIRE(loaded.load(index.save()));
    check_same(index, loaded);
    Texts texts(seed + 100);
    for (int i = 0; i < 150; ++i) {
      const Document next = texts.any(250);
      index.upsert(next);
      loaded.upsert(next);
    }
    CHECK(index.drop_expired(at(2000)) == loaded.drop_expired(at(2000)));
    check_same(index, loaded);
  }
}

TEST_CASE("an index that takes in others is as if all had been added to it") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    Texts texts(seed);
    Index whole, first, second;
    for (int i = 0; i < 600; ++i) {
      const Document next = texts.any(300);
      Index& part = std::hash<std::string>()(next.id) % 2 == 0 ? first : second;
      if (texts.below(5) == 0) {
        whole.remove(next.type, next.id);
        part.remove(next.type, next.id);
      } else {
        whole.upsert(next);
        part.upsert(next);
      }
    }
    first.absorb(second);
    first.absorb(Index());
    check_same(whole, first, 1e-6);
    for (int i = 0; i < 150; ++i) {
      const Document next = texts.any(350);
      whole.upsert(next);
      first.upsert(next);
    }
    CHECK(whole.drop_expired(at(2000)) == first.drop_expired(at(2000)));
    check_same(whole, first, 1e-6);
  }
}

TEST_CASE("a loaded index used to take the removed for memories of 1970") {
  Index index;
  const auto day = std::chrono::sys_days(std::chrono::year(2023) / 5 / 9);
  for (const char* id : {"first", "gone", "last"}) {
    Document made = document(id, "yesterday");
    made.time = day;
    index.upsert(made);
  }
  index.remove(MemoryType::episodic, "first");
  index.remove(MemoryType::episodic, "gone");
  Index loaded;
  REQUIRE(loaded.load(index.save()));
  const auto long_ago = std::chrono::sys_days(std::chrono::year(1995) / 5 / 9);  // no memory is of then
  CHECK(found(index, Query("yesterday"), {}, long_ago) == Ids{"last"});
  CHECK(found(loaded, Query("yesterday"), {}, long_ago) == Ids{"last"});
  CHECK(index.search(Query("yesterday"), {}, long_ago)[0].words ==
        loaded.search(Query("yesterday"), {}, long_ago)[0].words);
}

TEST_CASE("an empty index can be saved too") {
  Index loaded;
  REQUIRE(loaded.load(Index().save()));
  loaded.upsert(document("a", "lake"));
  CHECK(found(loaded, Query("lake")) == Ids{"a"});
}

TEST_CASE("what is cut short, goes on, or was made by other parameters is not loaded") {
  const std::string saved = filled(1).save();
  for (std::size_t bytes = 0; bytes < saved.size(); bytes += 1 + bytes / 40) {
    CAPTURE(bytes);
    Index index;
    CHECK_FALSE(index.load(std::string_view(saved).substr(0, bytes)));
    CHECK(index.size() == 0);
  }
  Index index;
  CHECK_FALSE(index.load(saved + "x"));
  Parameters none;
  none.stemming = Stemming::none;
  Index other(none);
  CHECK_FALSE(other.load(saved));
  CHECK(other.size() == 0);
}

// Fails when what is kept of a text changes: then the name of the format in storage/index_file.cpp is to be
// raised, and this number to be renewed.
TEST_CASE("what is kept of a text is that of the format") {
  Index index;
  Document made =
      document("a", "The quick brown mice were running home, weren't they? Caf\u00e9 \u732b\u5728\u5bb6.", 5);
  made.caption = "tall houses";
  made.session = "s";
  made.tags = {"t"};
  index.upsert(made);
  std::uint64_t sum = 14695981039346656037u;  // FNV-1a
  for (const char byte : index.save()) sum = (sum ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  CHECK(sum == 7825581559874904940u);
}
