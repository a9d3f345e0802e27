#pragma once
// Vectors of one length, searched by comparing with each of them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace comem::vectors {

/// A vector found. Similarity is the cosine.
struct Near {
  std::uint32_t number = 0;
  float similarity = 0;
};

/// Whether a vector of this number may be found.
using Admits = std::function<bool(std::uint32_t number)>;

/// Not thread-safe: one writer or several readers at a time (the owner locks). Vectors are kept at unit
/// length.
class ExactIndex {
 public:
  explicit ExactIndex(std::size_t dimensions) : dimensions_(dimensions) {}

  /// Adds the vector of this number, or replaces it. `vector` has dimensions() numbers.
  void set(std::uint32_t number, std::span<const float> vector);
  void remove(std::uint32_t number);
  bool holds(std::uint32_t number) const { return places_.count(number) != 0; }
  /// The vector of a number that is held, at unit length.
  std::span<const float> vector(std::uint32_t number) const { return row(places_.at(number)); }

  /// The `limit` admitted vectors most like `query` (unit length), those with a cosine above zero, best
  /// first; equal ones by number. O(size).
  std::vector<Near> search(std::span<const float> query, std::size_t limit, const Admits& admits) const;

  std::size_t size() const noexcept { return numbers_.size(); }
  std::size_t dimensions() const noexcept { return dimensions_; }
  /// Numbers held, in no particular order.
  const std::vector<std::uint32_t>& numbers() const noexcept { return numbers_; }

 private:
  // In blocks, so that growing copies nothing.
  static constexpr std::size_t block_rows = 1024;
  std::span<float> row(std::size_t place) noexcept {
    return {blocks_[place / block_rows].get() + place % block_rows * dimensions_, dimensions_};
  }
  std::span<const float> row(std::size_t place) const noexcept {
    return {blocks_[place / block_rows].get() + place % block_rows * dimensions_, dimensions_};
  }

  const std::size_t dimensions_;
  std::vector<std::unique_ptr<float[]>> blocks_;
  std::vector<std::uint32_t> numbers_;                     // by place
  std::unordered_map<std::uint32_t, std::size_t> places_;  // by number
};

}  // namespace comem::vectors
