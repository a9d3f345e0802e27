#pragma once
// The scores of documents, term by term: how loud each hears the terms of a query, from itself and its
// neighbours.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/blocks.hpp"
#include "search/documents.hpp"
#include "search/neighbours.hpp"
#include "search/sought.hpp"
#include "search/weights.hpp"

namespace comem::search {

/// Storage to be used again for the next query. Only blocks that hear something are ever looked at.
class Tally {
 public:
  /// Begins anew, with all scores zero.
  void begin(DocumentNumber end);

  /// Adds what the term gives to whoever hears it.
  void add(const Sought& term, const Saturation& saturation, const DocumentTable& documents,
           const Neighbours& neighbours, const HearingWeights& weights);
  /// The same of what stands in `ranges` of documents alone, which ascend and do not meet.
  void add_in(const std::vector<DocumentRange>& ranges, const Sought& term, const Saturation& saturation,
              const DocumentTable& documents, const Neighbours& neighbours, const HearingWeights& weights);
  /// Gives a document a score so small that it changes no other, so that it is met without any term too.
  void meet(DocumentNumber number);

  float score(DocumentNumber number) const noexcept { return scores_[number]; }
  /// The highest score in the block.
  float most(BlockNumber block) const noexcept { return most_[block]; }
  /// The blocks with a score above zero, in no order.
  const std::vector<BlockNumber>& heard() const noexcept { return heard_ever_; }

 private:
  class Listening;
  void take_in(const Saturation& saturation);
  void note(BlockNumber block);

  // Loudness times weight of the term under way, all zero between terms; with room at both ends for those
  // who would hear the first and the last document.
  std::vector<float> loudness_;
  std::vector<float> scores_;
  std::vector<float> most_;
  std::vector<std::uint8_t> hears_;      // by block: the term under way, or any so far
  std::vector<BlockNumber> heard_now_;   // blocks that hear the term under way
  std::vector<BlockNumber> heard_ever_;  // or any so far
};

}  // namespace comem::search
