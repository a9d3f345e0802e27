#pragma once
// Words at the beginning of a text count for more: what a memory is about is said first.

#include <array>
#include <cstddef>
#include <cstdint>

#include "search/parameters.hpp"

namespace comem::search {

/// An occurrence counts 1 + lead * exp(-place / lead_words), in the sixteenths of search/postings.hpp.
class Lead {
 public:
  explicit Lead(const Parameters& parameters) noexcept;
  /// For the word at this place, from 0, stop words counted.
  std::uint32_t at(std::size_t place) const noexcept {
    return counts_[place < counts_.size() ? place : counts_.size() - 1];
  }

 private:
  std::array<std::uint8_t, 64> counts_{};
};

}  // namespace comem::search
