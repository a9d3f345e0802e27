#pragma once
// One ranking out of two: by words and by vectors. Pure.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace comem::vectors {

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

/// Weighted reciprocal rank fusion (Cormack, Clarke, Buettcher 2009): the sum over both arms of
/// weight / (k + rank). Each arm lists distinct documents, best first. Best first; equal scores in the order
/// of words, then of vectors. O(n log n).
std::vector<Fused> fuse(std::span<const std::uint32_t> words, std::span<const std::uint32_t> vectors,
                        const FusionWeights& weights);

}  // namespace comem::vectors
