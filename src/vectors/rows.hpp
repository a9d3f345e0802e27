#pragma once
// Vectors of one length side by side in memory, each at a place.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace comem::vectors {

/// Not thread-safe: one writer or several readers at a time (the owner locks). Vectors are kept at unit
/// length. The numbers at a place neither move nor change while places are held (hold_places()).
class Rows {
 public:
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

  explicit Rows(std::size_t dimensions) : dimensions_(dimensions) {}

  /// Adds the vector of this number, or replaces it. `vector` has dimensions() numbers.
  void set(std::uint32_t number, std::span<const float> vector);
  void remove(std::uint32_t number);
  bool holds(std::uint32_t number) const { return places_.count(number) != 0; }
  std::uint32_t place_of(std::uint32_t number) const { return places_.at(number); }

  /// Whose vector is at a place; `nobody` where it was removed.
  std::uint32_t owner(std::uint32_t place) const noexcept { return owners_[place]; }
  std::span<const float> at(std::uint32_t place) const noexcept {
    return {blocks_[place / block_rows].get() + place % block_rows * dimensions_, dimensions_};
  }

  /// While somebody points to places, those of removed vectors are given to no other.
  void hold_places() noexcept { held_ = true; }
  void release_places();

  std::size_t size() const noexcept { return places_.size(); }
  /// Places so far, those of removed vectors included.
  std::uint32_t places() const noexcept { return static_cast<std::uint32_t>(owners_.size()); }
  std::size_t dimensions() const noexcept { return dimensions_; }

 private:
  // In blocks, so that growing moves nothing.
  static constexpr std::size_t block_rows = 1024;
  std::span<float> row(std::uint32_t place) noexcept {
    return {blocks_[place / block_rows].get() + place % block_rows * dimensions_, dimensions_};
  }
  void vacate(std::uint32_t place);

  const std::size_t dimensions_;
  std::vector<std::unique_ptr<float[]>> blocks_;
  std::vector<std::uint32_t> owners_;                        // by place
  std::unordered_map<std::uint32_t, std::uint32_t> places_;  // by number
  bool held_ = false;
};

}  // namespace comem::vectors
