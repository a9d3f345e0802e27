#pragma once
// Which texts say nearly the same as another one of many.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "memory/wording.hpp"

namespace comem::memory {

/// A text to be compared; those of different groups never match.
struct Grouped {
  Grouped() = default;
  std::string group;
  Wording wording;
};

/// The places of texts that may say the same as the one at a place; others need not be looked at. Its own
/// place and places that do not match do no harm.
using Candidates = std::function<std::vector<std::size_t>(std::size_t place)>;

/// For each text the place of the one that it duplicates, or its own place. They are taken in order: one that
/// duplicates nothing before it is kept, and every later one of its group that says the same (say_the_same()
/// with `similarity`) duplicates it, unless it duplicates an earlier one. As many candidates are asked for as
/// texts are kept.
std::vector<std::size_t> near_duplicates(const std::vector<Grouped>& texts, double similarity,
                                         const Candidates& candidates);

}  // namespace comem::memory
