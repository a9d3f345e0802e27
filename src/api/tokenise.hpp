#pragma once
// Lends the words of search to memory, which compares texts but does not know how they are cut.

#include <string_view>
#include <vector>

#include "memory/wording.hpp"

namespace comem {

/// The words of a text with their stems.
std::vector<memory::Token> tokenise(std::string_view text);

}  // namespace comem
