#include "search/sharing.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "search/index.hpp"
#include "tests/unit/search/documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

namespace {

Ids alike(const Index& index, const std::string& text, double share, TimePoint now = at(1000)) {
  auto ids = index.sharing(text, share, MemoryType::episodic, now);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("documents with nearly the words of a text are found, live ones of its type") {
  Index index;
  index.upsert(document("same", "The build needs ninja and cmake"));
  index.upsert(document("more", "builds needing ninja, cmake and a compiler"));
  index.upsert(document("less", "the build needs ninja"));
  index.upsert(document("other", "bread needs yeast"));
  auto fact = document("fact", "the build needs ninja and cmake");
  fact.type = MemoryType::semantic;
  index.upsert(fact);
  auto brief = document("brief", "the build needs ninja and cmake");
  brief.expires_at = at(500);
  index.upsert(brief);
  CHECK(alike(index, "the build needs ninja and cmake", 1.0) == Ids{"more", "same"});
  CHECK(alike(index, "the build needs ninja and cmake", 0.75) == Ids{"less", "more", "same"});
  CHECK(alike(index, "the build needs ninja and cmake", 1.0, at(0)) == Ids{"brief", "more", "same"});
  CHECK(alike(index, "nobody wrote this", 0.5).empty());
  CHECK(alike(index, "", 0.5).empty());
  index.remove(MemoryType::episodic, "more");
  CHECK(alike(index, "the build needs ninja and cmake", 1.0) == Ids{"same"});
}

TEST_CASE("every number must be there") {
  Index index;
  index.upsert(document("12", "the party in the blue room 12 begins late"));
  index.upsert(document("13", "the party in the blue room 13 begins late"));
  CHECK(alike(index, "the party in the blue room 12 begins late", 0.5) == Ids{"12"});
  CHECK(alike(index, "the party in the blue room 14 begins late", 0.5).empty());
  CHECK(alike(index, "the party in the blue room begins late", 0.5) == Ids{"12", "13"});
}

TEST_CASE("texts of stop words alone are found by these") {
  Index index;
  index.upsert(document("hamlet", "to be or not to be"));
  CHECK(alike(index, "To be, or not to be?", 0.85) == Ids{"hamlet"});
}

TEST_CASE("looking up few of the words finds what the definition finds") {
  std::mt19937 random(5);
  const std::string words[] = {"red", "green", "blue", "pink", "7", "black", "12", "violet", "orange"};
  const auto any = [&] {
    std::set<std::string> text;
    for (auto n = 1 + random() % 7; n > 0; --n) text.insert(words[random() % std::size(words)]);
    return text;
  };
  const auto joined = [](const std::set<std::string>& text) {
    std::string line;
    for (const auto& word : text) line += word + " ";
    return line;
  };
  for (int round = 0; round < 50; ++round) {
    Index index;
    std::vector<std::set<std::string>> texts;
    for (int i = 0; i < 60; ++i) {
      texts.push_back(any());
      index.upsert(document(std::to_string(i), joined(texts.back())));
    }
    for (int i = 0; i < 60; i += 3) {
      index.remove(MemoryType::episodic, std::to_string(i));
      texts[static_cast<std::size_t>(i)].clear();
    }
    for (const double share : {0.01, 0.5, 2.0 / 3.0, 0.85, 1.0}) {
      const auto query = any();
      Ids expected;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        std::size_t common = 0;
        bool numbers = true;
        for (const auto& word : query) {
          const bool has = texts[i].contains(word);
          common += has ? 1 : 0;
          if (word.find_first_of("0123456789") != std::string::npos && !has) numbers = false;
        }
        const double wanted = std::max(1.0, std::ceil(share * static_cast<double>(query.size()) - 1e-9));
        if (numbers && static_cast<double>(common) >= wanted) expected.push_back(std::to_string(i));
      }
      std::sort(expected.begin(), expected.end());
      REQUIRE(alike(index, joined(query), share) == expected);
    }
  }
}
