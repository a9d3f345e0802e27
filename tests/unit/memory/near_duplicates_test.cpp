#include "memory/near_duplicates.hpp"

#include <random>

#include <doctest/doctest.h>

#include "api/tokenise.hpp"

using namespace comem;
using namespace comem::memory;

namespace {

Grouped text(const std::string& words, const std::string& group = {}) {
  Grouped made;
  made.group = group;
  made.wording = wording_of(words, tokenise(words));
  return made;
}

Candidates everybody(const std::vector<Grouped>& texts) {
  return [&texts](std::size_t) {
    std::vector<std::size_t> all(texts.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  };
}

std::vector<std::size_t> duplicates(const std::vector<Grouped>& texts, double similarity) {
  return near_duplicates(texts, similarity, everybody(texts));
}

}  // namespace

TEST_CASE("the first of its like is kept, groups and empty texts never match") {
  const std::vector<Grouped> texts{text("red green blue pink"),
                                   text("Pink, blue, green and red"),
                                   text("red green blue black"),
                                   text(""),
                                   text(""),
                                   text("red green blue pink", "g")};
  CHECK(duplicates(texts, 0.85) == std::vector<std::size_t>{0, 0, 2, 3, 4, 5});
  CHECK(duplicates(texts, 0.6) == std::vector<std::size_t>{0, 0, 0, 3, 4, 5});
  CHECK(duplicates({}, 0.5).empty());
}

TEST_CASE("what duplicates another one is no original itself") {
  const std::vector<Grouped> chain{text("red green blue"), text("red green blue pink"),
                                   text("green blue pink")};
  CHECK(duplicates(chain, 0.7) == std::vector<std::size_t>{0, 0, 2});
}

TEST_CASE("a number decides") {
  const std::vector<Grouped> rooms{text("the party is in room 12"), text("the party is in room 13"),
                                   text("the party is in room 12")};
  CHECK(duplicates(rooms, 0.5) == std::vector<std::size_t>{0, 1, 0});
}

TEST_CASE("only candidates are looked at, and only for what is kept") {
  const std::vector<Grouped> texts{text("red"), text("red"), text("red")};
  std::size_t asked = 0;
  const auto originals = near_duplicates(texts, 0.85, [&](std::size_t) {
    ++asked;
    return std::vector<std::size_t>{2};
  });
  CHECK(originals == std::vector<std::size_t>{0, 1, 0});
  CHECK(asked == 2);
}
