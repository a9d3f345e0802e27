#include "vectors/arm_trust.hpp"

#include <algorithm>
#include <cmath>

namespace comem::vectors {
namespace {

constexpr double window = 500;        // queries that the averages remember
constexpr std::size_t deepest = 100;  // how far down a list is looked at
constexpr std::size_t shallowest = 10;
constexpr double skepticism = 0.75;  // of a ratio in favour of vectors
constexpr double sharpness = 4;
constexpr double least = 0.05;  // below it an estimate is noise

/// 1 where the document is among the first `depth`, less what chance gives, on a scale that ends at 1.
double beyond_chance(std::uint32_t document, std::span<const std::uint32_t> list, std::size_t depth,
                     std::size_t documents) {
  const auto looked_at = list.first(std::min(depth, list.size()));
  const bool found = std::find(looked_at.begin(), looked_at.end(), document) != looked_at.end();
  const double chance = static_cast<double>(depth) / static_cast<double>(documents);
  return ((found ? 1.0 : 0.0) - chance) / (1.0 - chance);
}

}  // namespace

void ArmTrust::observe(std::span<const std::uint32_t> words, std::span<const std::uint32_t> vectors,
                       std::size_t documents) {
  const std::size_t depth = std::clamp(documents / 10, shallowest, deepest);
  if (words.empty() || vectors.empty() || documents < 2 * depth) return;
  seen_ = std::min(seen_ + 1, window);
  words_ += (beyond_chance(words.front(), vectors, depth, documents) - words_) / seen_;
  vectors_ += (beyond_chance(vectors.front(), words, depth, documents) - vectors_) / seen_;
}

double ArmTrust::words_right() const noexcept {
  return std::clamp(words_, 0.0, 1.0);
}

double ArmTrust::vectors_right() const noexcept {
  return std::clamp(vectors_, 0.0, 1.0);
}

double ArmTrust::words_weight() const noexcept {
  const double vectors = vectors_right();
  const double ratio = std::max(vectors, least / 4) / std::max(words_right(), least);
  const double weight = 1.0 / (1.0 + std::pow(skepticism * ratio, sharpness));
  // An arm that is seldom right still helps where it is; one that hardly ever is must not, and then the
  // estimate is mostly noise.
  const double certainty = std::min(1.0, vectors / 0.2);
  return 0.95 + (std::clamp(weight, 0.25, 0.8) - 0.95) * certainty;
}

}  // namespace comem::vectors
