#include "search/weights.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/loudness.hpp"

namespace comem::search {

HearingWeights::HearingWeights(const Parameters& parameters, bool several_sessions) noexcept {
  of[reach] = full_weight;
  const auto step = [](double weight) { return std::round(static_cast<float>(weight) * full_weight); };
  if (several_sessions) {
    double fading = 1;
    for (std::size_t away = 1; away <= reach; ++away, fading *= parameters.fading) {
      of[reach + away] = step(parameters.earlier * fading);
      of[reach - away] = step(parameters.later * fading);
    }
    answer = step(parameters.answer);
  }
  all = std::accumulate(of.begin(), of.end(), answer);
  neighbours = all > full_weight;
}

}  // namespace comem::search
