#pragma once
// The best of many, in bounded memory.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace comem::vectors {

/// A vector found. Similarity is the cosine.
struct Near {
  std::uint32_t number = 0;
  float similarity = 0;
};

/// Whether a vector of this number may be found.
using Admits = std::function<bool(std::uint32_t number)>;

inline bool nearer(const Near& a, const Near& b) noexcept {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.number < b.number;
}

/// Keeps the `limit` nearest of those offered, which have a similarity above zero.
class Nearest {
 public:
  explicit Nearest(std::size_t limit) : limit_(limit) {}

  /// Cheap and true for most: whether offering it would change nothing.
  bool too_far(float similarity) const noexcept { return !(similarity >= least_) || !(similarity > 0); }
  void offer(const Near& one) {
    if (limit_ == 0 || too_far(one.similarity)) return;
    if (heap_.size() == limit_) {
      if (!nearer(one, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), nearer);
      heap_.back() = one;
    } else {
      heap_.push_back(one);
    }
    std::push_heap(heap_.begin(), heap_.end(), nearer);
    if (heap_.size() == limit_) least_ = heap_.front().similarity;
  }
  bool full() const noexcept { return heap_.size() == limit_; }
  /// Best first.
  std::vector<Near> take() {
    std::sort_heap(heap_.begin(), heap_.end(), nearer);
    return std::move(heap_);
  }

 private:
  std::size_t limit_;
  std::vector<Near> heap_;  // the farthest on top
  float least_ = 0;
};

}  // namespace comem::vectors
