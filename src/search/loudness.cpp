#include "search/loudness.hpp"

#include <algorithm>
#include <cmath>

namespace comem::search {

float loudness_at(double length, const Parameters& parameters) noexcept {
  const auto floor = static_cast<double>(parameters.floor_length);
  const double norm = 1 - parameters.b + parameters.b * std::max(length, floor) / floor;
  return static_cast<float>(std::max(1.0, std::round(static_cast<double>(full_loudness) / norm)));
}

}  // namespace comem::search
