#pragma once
// Finds rows near a query without looking at most of them: a hierarchical navigable small world (Malkov and
// Yashunin 2018), by the library hnswlib.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "vectors/rows.hpp"

namespace comem::vectors {

/// Points to places of rows, which must be held and outlive every call but the destructor. Nothing is ever
/// taken out: who asks looks whose row it is. Not thread-safe: one writer or several readers at a time.
class Graph {
 public:
  explicit Graph(const Rows& rows);
  ~Graph();

  /// Takes in the row at this place. Milliseconds.
  void add(std::uint32_t place);
  /// Up to `count` places of rows that are near to `query` (unit length), in no particular order; most of
  /// those that are nearest.
  std::vector<std::uint32_t> near(std::span<const float> query, std::size_t count) const;

  /// Rows taken in.
  std::size_t size() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comem::vectors
