// Inner products and the exact index, held against the plainest way to compute the same.

#include "vectors/exact_index.hpp"

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
  ExactIndex index(size);
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
  ExactIndex index(2);
  index.set(1, Vector{-1, 0});
  index.set(2, Vector{0, 1});
  index.set(3, Vector{0, 0});
  index.set(4, Vector{1, 1});
  const auto found = index.search(Vector{1, 0}, 10, nullptr);
  REQUIRE(found.size() == 1);
  CHECK(found[0].number == 4);
  CHECK(index.search(Vector{1, 0}, 0, nullptr).empty());
}

}  // namespace
}  // namespace comem::vectors
