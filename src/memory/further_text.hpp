#pragma once
// What a memory says in fields other than its content.

#include <comem/any_memory.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace comem::memory {

/// Prompt and outcome of an episode; pattern and context of knowledge; name, description and actions of a
/// skill. Some may be empty. They point into the memory.
std::vector<std::string_view> further_texts(const AnyMemory& memory);

/// Appends a line, unless it is empty or the text says it already.
void append_new(std::string& text, std::string_view line);

}  // namespace comem::memory
