#pragma once
// Asks the processor for memory that will be read soon, so that waits for several places overlap.

#include <cstddef>

namespace comem {

/// The first bytes behind `start`; it may be any address.
inline void prefetch(const void* start, std::size_t bytes) noexcept {
  constexpr std::size_t line = 64;
  for (std::size_t at = 0; at < bytes; at += line) __builtin_prefetch(static_cast<const char*>(start) + at);
}

}  // namespace comem
