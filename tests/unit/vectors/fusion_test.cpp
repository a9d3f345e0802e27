// Two rankings made into one.

#include "vectors/fusion.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace comem::vectors {
namespace {

using List = std::vector<std::uint32_t>;
using Ranks = std::vector<Ranked>;

constexpr std::size_t documents = 1000;

FusionWeights weight(double words) {
  FusionWeights weights;
  weights.words = words;
  return weights;
}

/// Scores of which all stand far above the rest, which is not there at all.
Ranks clear(const List& list) {
  Ranks ranks;
  for (const auto document : list) ranks.push_back({document, 1.0});
  return ranks;
}

List order(const Ranks& words, const Ranks& vectors, double words_weight) {
  List found;
  for (const auto& one : fuse(words, vectors, documents, weight(words_weight))) found.push_back(one.document);
  return found;
}

/// A hundred documents from `first` on, one of which stands `out` above scores from 1 down to 0.
Ranks list_with(std::uint32_t first, double out) {
  Ranks ranks{{first, out}};
  for (std::uint32_t i = 1; i < 100; ++i) ranks.push_back({first + i, 1.0 - i / 100.0});
  return ranks;
}

TEST_CASE("scores are sums of weighted reciprocal ranks, where scores stand out as far as they can") {
  const auto fused = fuse(clear({7, 8}), clear({8, 9}), documents, weight(0.6));
  constexpr double standing = 4.25, k = 10;
  REQUIRE(fused.size() == 3);
  CHECK(fused[0].document == 8);
  CHECK(fused[0].score == doctest::Approx((0.6 * 11 / (k + 2) + 0.4 * 11 / (k + 1)) * standing));
  CHECK(fused[0].by_words == 2);
  CHECK(fused[0].by_vectors == 1);
  CHECK(fused[1].document == 7);
  CHECK(fused[1].score == doctest::Approx(0.6 * standing));
  CHECK(fused[1].by_vectors == 0);
  CHECK(fused[2].by_words == 0);
}

TEST_CASE("one arm alone keeps its order") {
  CHECK(order(clear({3, 1, 2}), {}, 0.6) == List{3, 1, 2});
  CHECK(order({}, clear({3, 1, 2}), 0.6) == List{3, 1, 2});
  CHECK(fuse({}, {}, documents, FusionWeights()).empty());
  const auto ranks = list_with(0, 3);
  const auto found = order(ranks, {}, 0.6);
  REQUIRE(found.size() == ranks.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == ranks[i].document);
}

TEST_CASE("the weight decides between what only one arm has; equal scores go by words") {
  CHECK(order(clear({1}), clear({2}), 0.6) == List{1, 2});
  CHECK(order(clear({1}), clear({2}), 0.4) == List{2, 1});
  CHECK(order(clear({1}), clear({2}), 0.5) == List{1, 2});
}

TEST_CASE("what both have beats what one has alone, at equal ranks") {
  CHECK(order(clear({1, 5}), clear({2, 5}), 0.5).front() == 5);
}

TEST_CASE("what stands out in one arm beats what is merely first in the other") {
  CHECK(order(list_with(0, 3), list_with(500, 1), 0.5).front() == 0);
  CHECK(order(list_with(0, 1), list_with(500, 3), 0.5).front() == 500);
  CHECK(order(list_with(0, 1), list_with(500, 3), 0.9).front() == 0);
}

TEST_CASE("the scale of an arm's scores is of no consequence") {
  auto large = list_with(500, 2);
  for (auto& one : large) one.score *= 1024;
  CHECK(order(list_with(0, 1.5), large, 0.5) == order(list_with(0, 1.5), list_with(500, 2), 0.5));
}

TEST_CASE("few documents, equal scores and scores of zero give finite scores") {
  for (const std::size_t held : {0u, 1u, 2u, 5u})
    for (const double score : {0.0, 1.0})
      for (const auto& one : fuse(Ranks{{1, score}, {2, score}}, Ranks{{2, score}}, held, weight(0.5)))
        CHECK((std::isfinite(one.score) && one.score > 0));
}

}  // namespace
}  // namespace comem::vectors
