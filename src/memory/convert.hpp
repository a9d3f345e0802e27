#pragma once
// From free text to a typed memory.

#include <comem/any_memory.hpp>

#include <string>
#include <string_view>

namespace comem::memory {

/// The episode, knowledge or skill that remember() makes of a text (see NewMemory). Throws
/// Error(invalid_argument) for a type that is not long-term.
AnyMemory typed(const Memory& memory);

/// The first sentence or line of a text, at most 200 bytes of it: the pattern of knowledge that was given as
/// text.
std::string first_sentence(std::string_view text);

}  // namespace comem::memory
