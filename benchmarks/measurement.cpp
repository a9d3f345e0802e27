#include "benchmarks/measurement.hpp"

#include <algorithm>
#include <cmath>

namespace comem::bench {

double Measurement::percentile(double share) const {
  if (ms_.empty()) return 0;
  std::vector<double> sorted = ms_;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

double Measurement::per_second() const {
  return seconds_ > 0 ? static_cast<double>(ms_.size()) / seconds_ : 0;
}

}  // namespace comem::bench
