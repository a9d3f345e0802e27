#include "vectors/fusion.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

namespace comem::vectors {
namespace {

std::size_t place_or_last(std::size_t rank) noexcept {
  return rank == 0 ? std::numeric_limits<std::size_t>::max() : rank;
}

}  // namespace

std::vector<Fused> fuse(std::span<const std::uint32_t> words, std::span<const std::uint32_t> vectors,
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
  for (std::size_t i = 0; i < words.size(); ++i) {
    Fused& one = entry(words[i]);
    one.by_words = i + 1;
    one.score += weights.words / (weights.k + static_cast<double>(i + 1));
  }
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    Fused& one = entry(vectors[i]);
    one.by_vectors = i + 1;
    one.score += (1.0 - weights.words) / (weights.k + static_cast<double>(i + 1));
  }
  std::sort(fused.begin(), fused.end(), [](const Fused& a, const Fused& b) {
    return std::make_tuple(-a.score, place_or_last(a.by_words), place_or_last(a.by_vectors)) <
           std::make_tuple(-b.score, place_or_last(b.by_words), place_or_last(b.by_vectors));
  });
  return fused;
}

}  // namespace comem::vectors
