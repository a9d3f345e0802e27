#pragma once
// The best k of many, without sorting the many.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace comem::search {

/// `Better` is a strict total order. Memory for at most k values, and only for as many as were offered.
template <class Value, class Better>
class TopK {
 public:
  TopK(std::size_t k, Better better) : k_(k), better_(std::move(better)) {}

  /// Whether offer() would keep it.
  bool would_keep(const Value& value) const {
    return heap_.size() < k_ || (k_ > 0 && better_(value, heap_.front()));
  }

  bool full() const noexcept { return heap_.size() == k_; }
  /// Of those kept, of which there must be some.
  const Value& worst() const noexcept { return heap_.front(); }

  /// Those kept, in no order.
  const std::vector<Value>& kept() const noexcept { return heap_; }

  void offer(const Value& value) {
    if (!would_keep(value)) return;
    if (heap_.size() == k_) {
      std::pop_heap(heap_.begin(), heap_.end(), better_);
      heap_.pop_back();
    }
    heap_.push_back(value);
    std::push_heap(heap_.begin(), heap_.end(), better_);
  }

  /// Best first.
  std::vector<Value> take() && {
    std::sort_heap(heap_.begin(), heap_.end(), better_);
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  Better better_;
  std::vector<Value> heap_;  // the worst one kept is in front
};

}  // namespace comem::search
