// The small pieces by themselves: string pool, postings, the best k, length norm.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "search/documents.hpp"
#include "search/loudness.hpp"
#include "search/postings.hpp"
#include "search/string_pool.hpp"
#include "search/top_k.hpp"

using namespace comem;
using namespace comem::search;

TEST_CASE("a string pool numbers strings in order and finds them again") {
  StringPool pool;
  CHECK_FALSE(pool.find("").has_value());
  CHECK(pool.intern("") == 0);
  for (std::uint32_t i = 1; i < 5000; ++i) REQUIRE(pool.intern(std::to_string(i)) == i);
  CHECK(pool.intern("77") == 77);
  CHECK(pool.size() == 5000);
  CHECK(pool.at(0).empty());
  CHECK(pool.at(4999) == "4999");
  CHECK(pool.find("1234") == 1234u);
  CHECK_FALSE(pool.find("5000").has_value());
}

TEST_CASE("a posting list gives back what was put in, from small gaps to the largest") {
  const std::vector<std::pair<DocumentNumber, std::uint32_t>> entries{
      {0, 1},         {1, 2},          {2, 1},
      {65, 127},      {192, 128},      {20'000, 1},
      {5'000'000, 3}, {0x80000000, 1}, {0xFFFFFFFE, 0xFFFFFFFF}};
  PostingList list;
  for (const auto& [document, count] : entries) list.append(document, {count, count % 3}, 1.0f);
  CHECK(list.size() == entries.size());
  std::vector<std::pair<DocumentNumber, std::uint32_t>> read;
  list.for_each([&](DocumentNumber document, Occurrences found) {
    CHECK(found.asked == found.sixteenths % 3);
    read.emplace_back(document, found.sixteenths);
  });
  CHECK(read == entries);
}

TEST_CASE("top k keeps the best, best first") {
  for (std::size_t k = 0; k < 6; ++k) {
    TopK<int, std::greater<int>> top(k, std::greater<int>());
    for (const int value : {3, 9, 1, 7, 5}) top.offer(value);
    const std::vector<int> all{9, 7, 5, 3, 1};
    const auto count = static_cast<std::ptrdiff_t>(std::min(k, all.size()));
    CHECK(std::move(top).take() == std::vector<int>(all.begin(), all.begin() + count));
  }
}

TEST_CASE("a posting list finds single entries, from one skip to another") {
  PostingList list;
  for (DocumentNumber number = 3; number < 30'000; number += 3)
    list.append(number, {number % 5 + 1, number % 2}, 1.0f);
  std::vector<DocumentNumber> wanted;
  for (DocumentNumber number = 0; number < 40'000; number += 1 + number / 7) wanted.push_back(number);
  std::vector<DocumentNumber> expected;
  for (const DocumentNumber number : wanted) {
    if (number >= 3 && number < 30'000 && number % 3 == 0) expected.push_back(number);
  }
  std::vector<DocumentNumber> read;
  list.for_each_of(wanted, [&](DocumentNumber number, Occurrences found) {
    CHECK(found.sixteenths == number % 5 + 1);
    CHECK(found.asked == number % 2);
    read.push_back(number);
  });
  CHECK(read == expected);
  PostingList().for_each_of(wanted, [](DocumentNumber, Occurrences) { FAIL("an empty list has nothing"); });
}

TEST_CASE("a word is as loud in every short text, and fainter in a long one") {
  const Parameters parameters;
  CHECK(loudness_at(0, parameters) == full_loudness);
  CHECK(loudness_at(25, parameters) == full_loudness);
  CHECK(loudness_at(50, parameters) == doctest::Approx(full_loudness / 1.75).epsilon(1e-3));
  CHECK(loudness_at(1e9, parameters) == 1);
}

TEST_CASE("documents compact: order kept, the removed gone") {
  DocumentTable table;
  for (const char* id : {"a", "b", "c", "d"}) {
    Document document;
    document.id = id;
    document.session = std::string("session of ") + id;
    table.add(document);
  }
  table.remove(0);
  table.remove(2);
  CHECK(table.size() == 2);
  CHECK_FALSE(table.find(MemoryType::episodic, "c").has_value());
  CHECK(table.compact() == std::vector<DocumentNumber>{DocumentTable::gone, 0, DocumentTable::gone, 1});
  CHECK(table.find(MemoryType::episodic, "d") == 1u);
  CHECK(table.names().at(table.facts(1).session) == "session of d");
  CHECK_FALSE(table.names().find("session of a").has_value());
  CHECK(table.removed() == 0);
}
