#include "memory/near_duplicates.hpp"

#include <numeric>

namespace comem::memory {

std::vector<std::size_t> near_duplicates(const std::vector<Grouped>& texts, double similarity,
                                         const Candidates& candidates) {
  std::vector<std::size_t> originals(texts.size());
  std::iota(originals.begin(), originals.end(), std::size_t{0});
  for (std::size_t kept = 0; kept < texts.size(); ++kept) {
    if (originals[kept] != kept || texts[kept].wording.empty()) continue;
    for (const auto other : candidates(kept)) {
      if (other <= kept || originals[other] != other || texts[other].group != texts[kept].group) continue;
      if (say_the_same(texts[kept].wording, texts[other].wording, similarity)) originals[other] = kept;
    }
  }
  return originals;
}

}  // namespace comem::memory
