#include "vectors/fusion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

namespace comem::vectors {
namespace {

std::size_t place_or_last(std::size_t rank) noexcept {
  return rank == 0 ? std::numeric_limits<std::size_t>::max() : rank;
}

constexpr std::size_t first_places = 10;
constexpr std::size_t deepest = 100;
constexpr double least_deviation = 0.02;  // of the best score: scores that are all equal say nothing
constexpr double most_deviations = 16;
constexpr double floor = 0.25;

}  // namespace

Tail::Tail(std::span<const Ranked> list, std::size_t documents) {
  const std::size_t end = std::min(deepest, std::max(documents, list.size()));
  const std::size_t begin = std::min(first_places, end / 2);
  if (list.empty()) return;
  const auto score = [&](std::size_t rank) { return rank < list.size() ? list[rank].score : 0.0; };
  double sum = 0, squares = 0;
  for (std::size_t rank = begin; rank < end; ++rank) sum += score(rank);
  mean_ = sum / static_cast<double>(end - begin);
  for (std::size_t rank = begin; rank < end; ++rank) squares += (score(rank) - mean_) * (score(rank) - mean_);
  const double deviation = std::sqrt(squares / static_cast<double>(end - begin));
  deviation_ = std::max({deviation, least_deviation * list.front().score, 1e-9});
}

double Tail::deviations(double score) const noexcept {
  return std::clamp((score - mean_) / deviation_, 0.0, most_deviations);
}

std::vector<Fused> fuse(std::span<const Ranked> words, std::span<const Ranked> vectors, std::size_t documents,
                        const FusionWeights& weights) {
  std::vector<Fused> fused;
  std::unordered_map<std::uint32_t, std::size_t> places;
  const auto entry = [&](std::uint32_t document) -> Fused& {
    const auto [place, fresh] = places.try_emplace(document, fused.size());
    if (fresh) {
      fused.emplace_back();
      fused.back().document = document;
    }
    return fused[place->second];
  };
  using Rank = decltype(&Fused::by_words);
  const auto add = [&](std::span<const Ranked> list, double weight, Rank rank) {
    const Tail tail(list, documents);
    for (std::size_t i = 0; i < list.size(); ++i) {
      Fused& one = entry(list[i].document);
      one.*rank = i + 1;
      one.score += weight * (weights.k + 1) / (weights.k + static_cast<double>(i + 1)) *
                   (floor + std::sqrt(tail.deviations(list[i].score)));
    }
  };
  add(words, weights.words, &Fused::by_words);
  add(vectors, 1.0 - weights.words, &Fused::by_vectors);
  std::sort(fused.begin(), fused.end(), [](const Fused& a, const Fused& b) {
    return std::make_tuple(-a.score, place_or_last(a.by_words), place_or_last(a.by_vectors)) <
           std::make_tuple(-b.score, place_or_last(b.by_words), place_or_last(b.by_vectors));
  });
  return fused;
}

}  // namespace comem::vectors
