#pragma once
// Which sets of words are nearly the same.

#include <cstddef>
#include <string>
#include <vector>

namespace comem::memory {

/// A set of words to be compared; sets of different groups never match.
struct WordSet {
  WordSet() = default;
  std::string group;
  std::vector<std::string> words;  ///< order and repetitions do not count
};

/// For each set the place of the set that it duplicates, or its own place: the sets are taken in order, and
/// one whose Jaccard index with an earlier set that duplicates nothing is at least `similarity` (above 0)
/// duplicates the most similar of these (ties: the first). Sets without words duplicate nothing. Exact.
///
/// Two sets that similar share one of their rarest words, so only those are looked up: prefix filtering,
/// Bayardo, Ma and Srikant, "Scaling up all pairs similarity search" (2007). Roughly linear while rare words
/// are rare.
std::vector<std::size_t> near_duplicates(const std::vector<WordSet>& sets, double similarity);

}  // namespace comem::memory
