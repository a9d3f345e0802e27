#pragma once
// One ranking out of two: by words and by vectors. Pure.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace comem::vectors {

/// A document in the ranking of one arm. The higher the score the better; each arm has its own scale.
struct Ranked {
  std::uint32_t document = 0;
  double score = 0;
};

/// Where a document stands in the fused ranking, and where it stood in each arm (from 1; 0: not there).
struct Fused {
  std::uint32_t document = 0;
  double score = 0;
  std::size_t by_words = 0;
  std::size_t by_vectors = 0;
};

struct FusionWeights {
  FusionWeights() = default;
  double words = 0.6;  ///< of the arm of words; that of vectors has the rest
  double k = 10.0;     ///< the higher, the less the first places count
};

/// How far a score stands above what the list finds for anything: the scores of ranks 11 to 100 (of fewer
/// than 20 documents, of the lower half).
class Tail {
 public:
  /// `list` best first. What it did not find has the score 0, as far as there are `documents`.
  Tail(std::span<const Ranked> list, std::size_t documents);
  /// The distance from the mean in standard deviations, from 0 to 16.
  double deviations(double score) const noexcept;

 private:
  double mean_ = 0;
  double deviation_ = 1;
};

/// Weighted reciprocal rank fusion (Cormack, Clarke, Buettcher 2009), in which a place counts the more, the
/// further its score stands above what the arm finds for anything: the sum over both arms of
///
///     weight * (k + 1) / (k + rank) * (1/4 + sqrt(deviations))
///
/// Each arm lists distinct documents, best first. Best first; equal scores in the order of words, then of
/// vectors. O(n log n).
std::vector<Fused> fuse(std::span<const Ranked> words, std::span<const Ranked> vectors, std::size_t documents,
                        const FusionWeights& weights);

}  // namespace comem::vectors
