#include "search/spelling.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

TEST_CASE("likeness counts shared trigrams, ends included") {
  CHECK(likeness("harbour", "harbour") == 1);
  CHECK(likeness("night", "nacht") == doctest::Approx(0.2));  // of five each they share "ht" and the end
  CHECK(likeness("abc", "xyz") == 0);
}

TEST_CASE("no word that is alike is missed") {
  std::mt19937 random(7);
  const auto word = [&] {
    std::string made;
    for (int i = std::uniform_int_distribution<int>(1, 12)(random); i > 0; --i)
      made += static_cast<char>('a' + std::uniform_int_distribution<int>(0, 3)(random));
    return made;
  };
  std::vector<std::string> words;
  Spelling spelling;
  for (int i = 0; i < 2000; ++i) spelling.add(words.emplace_back(word()));
  for (int i = 0; i < 50; ++i) {
    const std::string wanted = word();
    const auto found = spelling.candidates(wanted, 0.6);
    for (std::uint32_t k = 0; k < words.size(); ++k) {
      if (likeness(wanted, words[k]) >= 0.6) REQUIRE(std::count(found.begin(), found.end(), k) == 1);
    }
  }
}

TEST_CASE("only words of letters, and not short ones, are told by their looks") {
  CHECK(Spelling::judges("harbour"));
  CHECK(Spelling::judges("\u0433\u0430\u0432\u0430\u043d\u044c"));
  CHECK_FALSE(Spelling::judges("abc"));
  CHECK_FALSE(Spelling::judges("v1234"));
  CHECK_FALSE(Spelling::judges("\u6771\u4eac"));
}

TEST_CASE("a misspelled word finds what it meant, a known one only itself") {
  Index index;
  index.upsert(document("a", "The harbour of Genoa"));
  index.upsert(document("b", "harbinger"));
  CHECK(found(index, Query("harbor")) == Ids{"a"});
  CHECK(found(index, Query("Genoaa")) == Ids{"a"});
  CHECK(found(index, Query("harbinger")) == Ids{"b"});
  CHECK(found(index, Query("zzzz")).empty());
  index.upsert(document("c", "harbor"));
  CHECK(found(index, Query("harbor")) == Ids{"c"});
  index.remove(MemoryType::episodic, "c");
  CHECK(found(index, Query("harbor")) == Ids{"a"});
}
