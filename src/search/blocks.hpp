#pragma once
// Documents are ranked by blocks of so many that follow one another in number: whole blocks that cannot win
// are never looked at closely.

#include <cstddef>

#include "search/postings.hpp"

namespace comem::search {

using BlockNumber = std::uint32_t;

inline constexpr DocumentNumber block_size = 16;

inline constexpr BlockNumber block_of(DocumentNumber number) noexcept {
  return number / block_size;
}
/// How many blocks the documents below `end` make.
inline constexpr BlockNumber blocks_below(DocumentNumber end) noexcept {
  return (end + block_size - 1) / block_size;
}

}  // namespace comem::search
