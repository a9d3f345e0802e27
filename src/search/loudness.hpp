#pragma once
// How loud a word is heard in a memory: its frequency there, divided by the length norm. Loudness is kept in
// whole steps, and so are the weights by which neighbours hear it, so that sums are exact whatever the order
// in which they were made: a score then depends on what the index holds alone.

#include <cstddef>

#include "search/parameters.hpp"

namespace comem::search {

/// The loudness of a word that occurs once in a text of no more than the floor's length.
inline constexpr float full_loudness = 2048;
/// The weight of one's own words, in the steps of weights.
inline constexpr float full_weight = 256;
/// What is heard, that is loudness times weight, in terms of BM25's frequency.
inline constexpr float heard_unit = full_loudness * full_weight;

/// Loudness of a word that occurs once in a text of so many words (stop words not counted), at least 1:
/// full_loudness / (1 - b + b * max(length, floor) / floor). The floor stands in place of BM25's mean length,
/// so that very short memories win nothing by it, and scores do not move when other documents come and go.
float loudness_at(double length, const Parameters& parameters) noexcept;

}  // namespace comem::search
