// Two rankings made into one.

#include "vectors/fusion.hpp"

#include <doctest/doctest.h>

namespace comem::vectors {
namespace {

using List = std::vector<std::uint32_t>;

List order(const List& words, const List& vectors, double weight) {
  FusionWeights weights;
  weights.words = weight;
  List documents;
  for (const auto& one : fuse(words, vectors, weights)) documents.push_back(one.document);
  return documents;
}

TEST_CASE("scores are sums of weighted reciprocal ranks") {
  const auto fused = fuse(List{7, 8}, List{8, 9}, FusionWeights());
  REQUIRE(fused.size() == 3);
  CHECK(fused[0].document == 8);
  CHECK(fused[0].score == doctest::Approx(0.6 / 12 + 0.4 / 11));
  CHECK(fused[0].by_words == 2);
  CHECK(fused[0].by_vectors == 1);
  CHECK(fused[1].document == 7);
  CHECK(fused[1].score == doctest::Approx(0.6 / 11));
  CHECK(fused[1].by_vectors == 0);
  CHECK(fused[2].by_words == 0);
}

TEST_CASE("one arm alone keeps its order") {
  CHECK(order({3, 1, 2}, {}, 0.6) == List{3, 1, 2});
  CHECK(order({}, {3, 1, 2}, 0.6) == List{3, 1, 2});
  CHECK(fuse({}, {}, FusionWeights()).empty());
}

TEST_CASE("the weight decides between what only one arm has; equal scores go by words") {
  CHECK(order({1}, {2}, 0.6) == List{1, 2});
  CHECK(order({1}, {2}, 0.4) == List{2, 1});
  CHECK(order({1}, {2}, 0.5) == List{1, 2});
}

TEST_CASE("what both have beats what one has alone, at equal ranks") {
  CHECK(order({1, 5}, {2, 5}, 0.5).front() == 5);
}

}  // namespace
}  // namespace comem::vectors
