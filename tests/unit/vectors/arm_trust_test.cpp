// What is learnt of both arms without judgements.

#include "vectors/arm_trust.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace comem::vectors {
namespace {

constexpr std::uint32_t documents = 1000;

/// A list of 100 documents, in which the one that is right stands first, or a few places below, and the rest
/// are anything.
std::vector<Ranked> list_of(std::uint32_t right, double first, std::mt19937& random) {
  std::vector<Ranked> list;
  std::uniform_int_distribution<std::uint32_t> any(0, documents - 1);
  while (list.size() < 99) {
    const auto other = any(random);
    if (other != right &&
        std::none_of(list.begin(), list.end(), [&](const Ranked& one) { return one.document == other; }))
      list.push_back({other, 1});
  }
  const bool is_first = std::uniform_real_distribution<double>(0, 1)(random) < first;
  list.insert(list.begin() + (is_first ? 0 : 5), Ranked{right, 1});
  return list;
}

double weight_after(double words_first, double vectors_first, int queries) {
  std::mt19937 random(1);
  ArmTrust trust;
  for (int i = 0; i < queries; ++i) {
    const auto right = static_cast<std::uint32_t>(i) % documents;
    trust.observe(list_of(right, words_first, random), list_of(right, vectors_first, random), documents);
  }
  return trust.words_weight();
}

TEST_CASE("nothing is known at first: words count more") {
  CHECK(ArmTrust().words_weight() == doctest::Approx(0.63).epsilon(0.01));
}

TEST_CASE("the better arm gets the higher weight") {
  CHECK(weight_after(0.6, 0.95, 300) < 0.35);
  CHECK(weight_after(0.6, 0.6, 300) == doctest::Approx(0.5).epsilon(0.15));
  CHECK(weight_after(0.6, 0.2, 300) > 0.75);
}

TEST_CASE("vectors that mean nothing get next to no weight") {
  std::mt19937 random(7);
  ArmTrust trust;
  for (std::uint32_t i = 0; i < 300; ++i)
    trust.observe(list_of(i, 0.6, random), list_of((i * 577) % documents, 1.0, random), documents);
  CHECK(trust.words_weight() > 0.95);
}

double weight_of_standing(double words, double vectors) {
  std::mt19937 random(3);
  ArmTrust trust;
  for (std::uint32_t i = 0; i < 300; ++i) {
    auto by_words = list_of(i, 0.6, random), by_vectors = list_of(i, 0.6, random);
    by_words.front().score = words;
    by_vectors.front().score = vectors;
    trust.observe(by_words, by_vectors, documents);
  }
  return trust.words_weight();
}

TEST_CASE("vectors whose first hardly stands out are believed less") {
  const double usual = weight_of_standing(1.2, 1.2);
  CHECK(weight_of_standing(1.2, 1.05) > usual + 0.05);
  CHECK(weight_of_standing(1.05, 1.2) == usual);
}

TEST_CASE("lists that are no evidence change nothing") {
  ArmTrust trust;
  const std::vector<Ranked> list{{1, 3}, {2, 2}, {3, 1}};
  const double before = trust.words_weight();
  trust.observe({}, list, documents);
  trust.observe(list, {}, documents);
  trust.observe(list, list, 5);
  CHECK(trust.words_weight() == before);
}

}  // namespace
}  // namespace comem::vectors
