#pragma once
// The scores of the documents of one block: how loud each hears the terms of a query, from itself and its
// neighbours.

#include <array>
#include <cstddef>
#include <cstdint>

#include "search/blocks.hpp"
#include "search/documents.hpp"
#include "search/entries.hpp"
#include "search/neighbours.hpp"
#include "search/weights.hpp"

namespace comem::search {

class Hearing {
 public:
  using Scores = std::array<float, block_size>;

  /// All of them must outlive this.
  Hearing(const DocumentTable& documents, const Neighbours& neighbours,
          const HearingWeights& weights) noexcept
      : documents_(documents), neighbours_(neighbours), weights_(weights) {}

  /// Before the first term of a block.
  void enter(BlockNumber block) noexcept;
  /// Adds to the scores of the block's documents what the term gives them.
  void add(const Entries& entries, const Saturation& saturation, Scores& scores) noexcept;

 private:
  static constexpr std::size_t reach = Neighbours::reach;
  static constexpr std::size_t width = block_size + 2 * reach;  // the block and who can be heard in it
  static_assert(width < 64);
  // In the width; [reach, reach + block_size) are the block's.
  std::size_t place(DocumentNumber number) const noexcept { return number + reach - first_; }

  float heard_apart(DocumentNumber number, const Entries& entries) const noexcept;
  void add_alone(const Entries& entries, const Saturation& saturation, Scores& scores) const noexcept;

  const DocumentTable& documents_;
  const Neighbours& neighbours_;
  const HearingWeights& weights_;
  DocumentNumber first_ = 0, end_ = 0;  // of the block
  DocumentNumber low_ = 0, high_ = 0;   // and of those who can be heard in it
  std::uint64_t follows_ = 0;           // a bit for each place: whether its number follows its neighbour's
  bool any_scattered_ = false;
};

}  // namespace comem::search
