#include "vectors/arm_trust.hpp"

#include <algorithm>
#include <cmath>

namespace comem::vectors {
namespace {

constexpr double window = 500;     // queries that the averages remember
constexpr std::size_t depth = 10;  // how far down a list is looked at
constexpr std::size_t documents_per_place = 20;
constexpr double sharpness = 4;
constexpr double most = 0.8;       // weight of either arm while both mean something
constexpr double almost = 0.98;    // of words beside vectors that mean nothing
constexpr double meaning = 0.3;    // confirmed less often, vectors begin to count for nothing
constexpr double least = 0.05;     // below it an estimate is noise
constexpr double usual_out = 0.8;  // how far the first of vectors stands out, the first of words being 1
constexpr double least_sure = 0.85;

/// 1 where the document is among the first of the list, less what chance gives, on a scale that ends at 1.
double beyond_chance(std::uint32_t document, std::span<const Ranked> list, std::size_t places,
                     std::size_t documents) {
  const auto looked_at = list.first(std::min(places, list.size()));
  const bool found = std::any_of(looked_at.begin(), looked_at.end(),
                                 [&](const Ranked& one) { return one.document == document; });
  const double chance = static_cast<double>(places) / static_cast<double>(documents);
  return ((found ? 1.0 : 0.0) - chance) / (1.0 - chance);
}

}  // namespace

void ArmTrust::observe(std::span<const Ranked> words, std::span<const Ranked> vectors,
                       std::size_t documents) {
  const std::size_t places = std::min(depth, documents / documents_per_place);
  if (words.empty() || vectors.empty() || places == 0) return;
  seen_ = std::min(seen_ + 1, window);
  words_ += (beyond_chance(words.front().document, vectors, places, documents) - words_) / seen_;
  vectors_ += (beyond_chance(vectors.front().document, words, places, documents) - vectors_) / seen_;
  words_out_ += (Tail(words, documents).deviations(words.front().score) - words_out_) / seen_;
  vectors_out_ += (Tail(vectors, documents).deviations(vectors.front().score) - vectors_out_) / seen_;
}

double ArmTrust::words_right() const noexcept {
  return std::clamp(words_, 0.0, 1.0);
}

double ArmTrust::vectors_right() const noexcept {
  return std::clamp(vectors_, 0.0, 1.0);
}

double ArmTrust::words_weight() const noexcept {
  const double vectors = vectors_right();
  const double sure = std::clamp(vectors_out_ / std::max(words_out_, 1e-9) / usual_out, least_sure, 1.0);
  const double ratio = std::max(vectors, least / 4) / std::max(words_right(), least) * sure;
  const double even = 1.0 / (1.0 + std::pow(ratio, sharpness));
  const double weight = 1 - most + (2 * most - 1) * even;
  // An arm that is seldom right still helps where it is; one that hardly ever is must not.
  const double certainty = std::min(1.0, vectors / meaning);
  return almost + (weight - almost) * certainty;
}

}  // namespace comem::vectors
