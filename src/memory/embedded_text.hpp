#pragma once
// The text of a memory that is handed to an embedding model.

#include <comem/any_memory.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace comem::memory {

/// Models read a few thousand tokens at most; what stands beyond this is cut off, between characters.
inline constexpr std::size_t most_embedded_bytes = 16'000;

/// Author and content, with what else of the memory says something new; without tags, which are no language.
/// Empty where there is nothing to say.
std::string embedded_text(const AnyMemory& memory);

/// 20 bytes; equal for equal texts. Empty for an empty text.
std::string hash_of_text(std::string_view text);

}  // namespace comem::memory
