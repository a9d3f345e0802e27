#pragma once
// What no document of a block can exceed.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "search/blocks.hpp"
#include "search/documents.hpp"
#include "search/entries.hpp"
#include "search/neighbours.hpp"
#include "search/weights.hpp"

namespace comem::search {

/// Storage to be used again for the next query.
class Bounds {
 public:
  /// Begins anew, with nothing heard in any of the documents.
  void reset(DocumentNumber end);
  /// Of one further term.
  void add(const Entries& entries, const Saturation& saturation, const Neighbours& neighbours,
           const HearingWeights& weights);

  /// No document of the block has a higher sum over the terms added.
  float of(BlockNumber block) const noexcept { return sums_[block]; }
  BlockNumber blocks() const noexcept { return static_cast<BlockNumber>(sums_.size()); }

 private:
  // Of the term under way.
  struct Loud {
    float own = 0;      // of a document of the block, at most
    float loudest = 0;  // of anybody whom the block hears
    float around = 0;   // all whom it hears together, each as its next neighbour hears it
    void take(float loud, float heard) noexcept {
      loudest = std::max(loudest, loud);
      around += heard;
    }
  };
  void hear(BlockNumber block, float own, float loudest, float around);
  void hear_apart(const Entries::Heard& heard, float around, const Neighbours& neighbours);

  std::vector<float> sums_;
  std::vector<Loud> louds_;  // all zero between terms
  std::vector<BlockNumber> touched_;
};

}  // namespace comem::search
