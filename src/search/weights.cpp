#include "search/weights.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/loudness.hpp"

namespace comem::search {

HearingWeights::HearingWeights(const Parameters& parameters, bool several_sessions) noexcept {
  statement[reach] = full_weight;
  const auto step = [](double weight) { return std::round(static_cast<float>(weight) * full_weight); };
  if (several_sessions) {
    double fading = 1;
    for (std::size_t away = 1; away <= reach; ++away, fading *= parameters.fading) {
      statement[reach + away] = step(parameters.earlier * fading);
      statement[reach - away] = step(parameters.later * fading);
    }
  }
  question = statement;
  question[reach + 1] = std::round(statement[reach + 1] * static_cast<float>(1 + parameters.answer));
  all = std::accumulate(question.begin(), question.end(), 0.0f);
  neighbours = all > full_weight;
}

}  // namespace comem::search
