#include "search/lead.hpp"

#include <cmath>

#include "search/postings.hpp"

namespace comem::search {

Lead::Lead(const Parameters& parameters) noexcept {
  for (std::size_t place = 0; place < counts_.size(); ++place) {
    const double more = parameters.lead * std::exp(-static_cast<double>(place) / parameters.lead_words);
    counts_[place] = static_cast<std::uint8_t>(std::lround(one_occurrence * (1 + more)));
  }
}

}  // namespace comem::search
