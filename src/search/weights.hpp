#pragma once
// How loud a document is heard in its neighbours.

#include <algorithm>
#include <array>
#include <cstddef>

#include "search/loudness.hpp"
#include "search/neighbours.hpp"
#include "search/parameters.hpp"

namespace comem::search {

/// What is given for a term that is heard so loud (loudness times weight, summed over the neighbourhood):
/// weight * heard / (heard + k1), BM25's saturation.
struct Saturation {
  Saturation(float weight_of_term, const Parameters& parameters) noexcept
      : weight(weight_of_term), half_way(static_cast<float>(parameters.k1) * heard_unit) {}
  float operator()(float heard) const noexcept { return weight * heard / (heard + half_way); }
  float weight, half_way;
};

/// Weights in steps of loudness.hpp. `of[offset + reach]` is that of a document for the one so many places
/// further on in its session (negative: before it); [reach] is for itself. Padded with zeros.
struct HearingWeights {
  static constexpr std::size_t reach = Neighbours::reach;
  static constexpr std::size_t width = 12;

  HearingWeights(const Parameters& parameters, bool several_sessions) noexcept;

  float at(int offset) const noexcept {
    return of[static_cast<std::size_t>(offset + static_cast<int>(reach))];
  }

  /// The most that any other document is heard with.
  float nearest() const noexcept { return std::max(of[reach - 1], of[reach + 1]); }

  std::array<float, width> of{};
  float answer = 0;         ///< of a question's words for the next memory, if another author's; on top
  bool neighbours = false;  ///< any weight but one's own
  float all = 0;            ///< what a document hears at most, if nothing around it is louder than 1
};

}  // namespace comem::search
