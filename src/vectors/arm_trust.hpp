#pragma once
// How much weight each arm of a search deserves, found out without judgements.
//
// Far enough down, both arms find nearly everything that is relevant. So the first document of an arm that is
// mostly right stands within the other arm's list, and the first document of an arm that is mostly wrong
// stands there only by chance. How often it does, less what chance would give, estimates how often an arm's
// first document is right. docs/embeddings.md has the figures, and where the estimate errs.

#include <cstddef>
#include <cstdint>
#include <span>

namespace comem::vectors {

/// Not thread-safe (the owner locks).
class ArmTrust {
 public:
  /// What both arms found for one query among `documents` documents, best first and without filters.
  void observe(std::span<const std::uint32_t> words, std::span<const std::uint32_t> vectors,
               std::size_t documents);

  /// The weight of the arm of words in fuse(), from 0.25 to 0.95: 0.76 at first and for arms that are equally
  /// good, since errors of the two may be alike, higher the worse the arm of vectors does in comparison.
  double words_weight() const noexcept;

  /// As estimated, from 0 to 1: how often the first document of an arm is right.
  double words_right() const noexcept;
  double vectors_right() const noexcept;

 private:
  double words_ = 0.5;  // moving averages, begun as if some queries had come out even
  double vectors_ = 0.5;
  double seen_ = 20;
};

}  // namespace comem::vectors
