#pragma once
// How much weight each arm of a search deserves, found out without judgements.
//
// What both arms find is mostly right. So the first document of an arm that is mostly right stands among the
// first of the other arm, and the first document of an arm that is mostly wrong stands there only by chance.
// How often it does, less what chance would give, tells which arm is right more often. Vectors
// whose first hardly stands out from what else they list are believed a little less.
// docs/embeddings.md has the figures, and where the estimate errs.

#include <cstddef>
#include <span>

#include "vectors/fusion.hpp"

namespace comem::vectors {

/// Not thread-safe (the owner locks).
class ArmTrust {
 public:
  /// What both arms found for one query among `documents` documents, best first and without filters.
  void observe(std::span<const Ranked> words, std::span<const Ranked> vectors, std::size_t documents);

  /// The weight of the arm of words in fuse(), from 0.2 to 0.98: 0.63 at first, 0.5 for arms that do equally
  /// well and stand out alike, higher the worse the arm of vectors does in comparison.
  double words_weight() const noexcept;

  /// From 0 to 1: how often the first document of an arm is confirmed by the other.
  double words_right() const noexcept;
  double vectors_right() const noexcept;

 private:
  double words_ = 0.5;  // moving averages, begun as if some queries had come out for words
  double vectors_ = 0.4;
  double words_out_ = 10;  // how far the first stands out; begun as words and vectors usually do
  double vectors_out_ = 8;
  double seen_ = 10;
};

}  // namespace comem::vectors
