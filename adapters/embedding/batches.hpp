#pragma once
// How many texts go into one request. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace comem::embedding {

inline constexpr std::size_t most_texts = 64;
inline constexpr std::size_t most_bytes = 256u << 10;
/// Models read a few thousand tokens at most; what stands beyond this is cut off, between characters.
inline constexpr std::size_t longest_text = 16'000;

/// The sizes of consecutive requests: each holds 1 to most_texts texts, and at most most_bytes unless it is
/// one text alone.
inline std::vector<std::size_t> batch_sizes(std::span<const std::string> texts) {
  std::vector<std::size_t> sizes;
  std::size_t bytes = 0;
  for (const auto& text : texts) {
    const bool full = sizes.empty() || sizes.back() == most_texts || bytes + text.size() > most_bytes;
    if (full) {
      sizes.push_back(0);
      bytes = 0;
    }
    ++sizes.back();
    bytes += text.size();
  }
  return sizes;
}

}  // namespace comem::embedding
