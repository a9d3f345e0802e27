// Inner products and the index, held against the plainest way to compute the same.

#include "vectors/vector_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "vectors/kernel.hpp"
#include "vectors/nearest.hpp"

namespace comem::vectors {
namespace {

using Vector = std::vector<float>;

Vector random_vector(std::mt19937& random, std::size_t size) {
  std::normal_distribution<float> normal;
  Vector vector(size);
  for (auto& value : vector) value = normal(random);
  return vector;
}

TEST_CASE("the inner product is right for every length") {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    const auto a = random_vector(random, size);
    const auto b = random_vector(random, size);
    double expected = 0;
    for (std::size_t i = 0; i < size; ++i) expected += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    CHECK(dot(a.data(), b.data(), size) == doctest::Approx(expected).epsilon(1e-4));
  }
}

TEST_CASE("a vector is brought to unit length, and one without a length to zero") {
  Vector vector{3, 4};
  normalise(vector);
  CHECK(vector[0] == doctest::Approx(0.6));
  CHECK(vector[1] == doctest::Approx(0.8));
  Vector nothing{0, 0};
  normalise(nothing);
  CHECK(nothing == Vector{0, 0});
  Vector infinite{INFINITY, 1};
  normalise(infinite);
  CHECK(infinite == Vector{0, 0});
}

TEST_CASE("sets, replacements and removals in any order leave what a table would") {
  std::mt19937 random(2);
  constexpr std::size_t size = 24;
  VectorIndex index(size);
  std::map<std::uint32_t, Vector> table;
  for (int step = 0; step < 6000; ++step) {
    const auto number = std::uniform_int_distribution<std::uint32_t>(0, 2500)(random);
    if (random() % 3 == 0) {
      index.remove(number);
      table.erase(number);
    } else {
      auto vector = random_vector(random, size);
      index.set(number, vector);
      normalise(vector);
      table[number] = std::move(vector);
    }
  }
  REQUIRE(index.size() == table.size());
  for (int question = 0; question < 20; ++question) {
    auto query = random_vector(random, size);
    normalise(query);
    const auto even = [](std::uint32_t number) { return number % 2 == 0; };
    std::vector<Near> expected;
    for (const auto& [number, vector] : table) {
      const float similarity = dot(query.data(), vector.data(), size);
      if (even(number) && similarity > 0) expected.push_back({number, similarity});
    }
    std::sort(expected.begin(), expected.end(), nearer);
    expected.resize(std::min<std::size_t>(expected.size(), 15));
    const auto found = index.search(query, 15, even);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i].number == expected[i].number);
  }
}

TEST_CASE("what points away or nowhere is not found") {
  VectorIndex index(2);
  index.set(1, Vector{-1, 0});
  index.set(2, Vector{0, 1});
  index.set(3, Vector{0, 0});
  index.set(4, Vector{1, 1});
  const auto found = index.search(Vector{1, 0}, 10, nullptr);
  REQUIRE(found.size() == 1);
  CHECK(found[0].number == 4);
  CHECK(index.search(Vector{1, 0}, 0, nullptr).empty());
}

constexpr std::size_t dims = 16;
constexpr std::size_t graph_from = 1000 * dims;

void fill(VectorIndex& index, std::mt19937& random, std::uint32_t from, std::uint32_t to) {
  for (auto number = from; number < to; ++number) index.set(number, random_vector(random, dims));
}

void draft(VectorIndex& index) {
  auto made = index.begin_draft();
  while (index.extend(*made)) {
  }
  index.adopt(std::move(made));
}

/// Held against comparing with each; answers the share that was found.
double recall(const VectorIndex& index, const VectorIndex& exact, std::mt19937& random,
              const Admits& admits) {
  std::size_t found = 0, all = 0;
  for (int question = 0; question < 30; ++question) {
    auto query = random_vector(random, dims);
    normalise(query);
    const auto expected = exact.search(query, 20, admits);
    const auto got = index.search(query, 20, admits);
    CHECK(got.size() == expected.size());
    CHECK(std::is_sorted(got.begin(), got.end(), nearer));
    for (const auto& one : got) CHECK((!admits || admits(one.number)));
    for (const auto& one : expected)
      found +=
          std::any_of(got.begin(), got.end(), [&](const Near& other) { return other.number == one.number; });
    all += expected.size();
  }
  return static_cast<double>(found) / static_cast<double>(all);
}

struct Pair {
  VectorIndex index{dims, graph_from};
  VectorIndex exact{dims, 0};
  std::mt19937 random{3};

  void fill(std::uint32_t from, std::uint32_t to) {
    auto same = random;
    vectors::fill(index, random, from, to);
    vectors::fill(exact, same, from, to);
  }
  void remove(std::uint32_t number) {
    index.remove(number);
    exact.remove(number);
  }
  double recall(const Admits& admits = nullptr) { return vectors::recall(index, exact, random, admits); }
};

TEST_CASE("a small index wants no graph, a large one does, one without a limit never") {
  Pair pair;
  pair.fill(0, 999);
  CHECK_FALSE(pair.index.wants_draft());
  pair.fill(999, 1000);
  CHECK(pair.index.wants_draft());
  CHECK_FALSE(pair.exact.wants_draft());
}

TEST_CASE("a graph finds nearly all that comparing with each does") {
  Pair pair;
  pair.fill(0, 8000);
  draft(pair.index);
  CHECK(pair.index.has_graph());
  CHECK_FALSE(pair.index.improvable());
  CHECK(pair.recall() > 0.95);
  CHECK(pair.recall([](std::uint32_t number) { return number % 3 == 0; }) > 0.95);
}

TEST_CASE("where a filter admits few, the answer is exact in spite of a graph") {
  Pair pair;
  pair.fill(0, 8000);
  draft(pair.index);
  CHECK(pair.recall([](std::uint32_t number) { return number % 500 == 7; }) == 1.0);
  CHECK(pair.recall([](std::uint32_t number) { return number == 11; }) == 1.0);
  CHECK(pair.index.search(Vector(dims, 1.0f), 5, [](std::uint32_t) { return false; }).empty());
}

TEST_CASE("what came after the graph is found at once, and taken in later") {
  Pair pair;
  pair.fill(0, 10'000);
  auto made = pair.index.begin_draft();
  for (int i = 0; i < 5000; ++i) pair.index.extend(*made);
  pair.fill(10'000, 11'000);  // while it is drafted
  CHECK_FALSE(pair.index.wants_draft());
  CHECK(pair.recall() == 1.0);  // not in use yet
  while (pair.index.extend(*made)) {
  }
  pair.index.adopt(std::move(made));
  pair.fill(11'000, 12'000);
  CHECK(pair.index.improvable());
  const Admits late = [](std::uint32_t number) { return number >= 11'000; };
  CHECK(pair.recall(late) > 0.95);
  while (pair.index.improvable()) pair.index.grow();
  CHECK(pair.recall(late) > 0.95);
}

TEST_CASE("what was removed or replaced is not found by a graph that still knows it") {
  Pair pair;
  pair.fill(0, 10'000);
  draft(pair.index);
  for (std::uint32_t number = 0; number < 2500; ++number) pair.remove(number);
  pair.fill(5000, 6000);  // other vectors
  CHECK(pair.index.size() == 7500);
  CHECK(pair.recall() > 0.95);
  CHECK_FALSE(pair.index.wants_draft());
  for (std::uint32_t number = 2500; number < 4500; ++number) pair.remove(number);
  CHECK(pair.index.wants_draft());
  draft(pair.index);
  CHECK(pair.recall() > 0.95);
  for (std::uint32_t number = 4500; number < 9600; ++number) pair.remove(number);
  CHECK_FALSE(pair.index.has_graph());
  CHECK(pair.recall() == 1.0);
}

TEST_CASE("removals while a graph is drafted harm neither") {
  Pair pair;
  pair.fill(0, 8000);
  auto made = pair.index.begin_draft();
  for (int i = 0; i < 4000; ++i) pair.index.extend(*made);
  for (std::uint32_t number = 0; number < 8000; number += 2) pair.remove(number);
  while (pair.index.extend(*made)) {
  }
  pair.index.adopt(std::move(made));
  CHECK(pair.recall() > 0.95);
}

}  // namespace
}  // namespace comem::vectors
