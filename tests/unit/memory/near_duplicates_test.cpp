#include "memory/near_duplicates.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#include <doctest/doctest.h>

using namespace comem::memory;

namespace {

WordSet words(const std::string& letters, const std::string& group = {}) {
  WordSet set;
  set.group = group;
  for (const char c : letters) set.words.emplace_back(1, c);
  return set;
}

double jaccard(const WordSet& a, const WordSet& b) {
  const std::set<std::string> x(a.words.begin(), a.words.end()), y(b.words.begin(), b.words.end());
  std::vector<std::string> common;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(common));
  return static_cast<double>(common.size()) / static_cast<double>(x.size() + y.size() - common.size());
}

/// The definition, pair by pair.
std::vector<std::size_t> by_definition(const std::vector<WordSet>& sets, double similarity) {
  std::vector<std::size_t> originals(sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) {
    originals[i] = i;
    double best = similarity - 1e-9;
    for (std::size_t j = 0; j < i && !sets[i].words.empty(); ++j)
      if (originals[j] == j && !sets[j].words.empty() && sets[j].group == sets[i].group)
        if (const double value = jaccard(sets[i], sets[j]); value > best) {
          best = value;
          originals[i] = j;
        }
  }
  return originals;
}

}  // namespace

TEST_CASE("the first of its like is kept, groups and empty sets never match") {
  const std::vector<WordSet> sets{words("abcd"), words("dcbaa"), words("abcx"),
                                  words(""),     words(""),      words("abcd", "g")};
  CHECK(near_duplicates(sets, 0.85) == std::vector<std::size_t>{0, 0, 2, 3, 4, 5});
  CHECK(near_duplicates(sets, 0.6) == std::vector<std::size_t>{0, 0, 0, 3, 4, 5});
  CHECK(near_duplicates({}, 0.5).empty());
}

TEST_CASE("looking up rare words finds what comparing all pairs finds") {
  std::mt19937 random(17);
  for (int round = 0; round < 300; ++round) {
    std::vector<WordSet> sets;
    for (int i = 0; i < 40; ++i) {
      std::string letters;
      for (auto n = random() % 9; n > 0; --n) letters += static_cast<char>('a' + random() % 9);
      sets.push_back(words(letters, random() % 4 == 0 ? "g" : ""));
    }
    for (const double similarity : {0.01, 0.3, 0.5, 0.6, 2.0 / 3.0, 0.75, 0.85, 1.0})
      REQUIRE(near_duplicates(sets, similarity) == by_definition(sets, similarity));
  }
}
