#pragma once
// What of a memory is compared, where it is asked whether another one says the same.

#include <comem/any_memory.hpp>

#include <string>

namespace comem::memory {

/// The content (of an episode without any: prompt and outcome), without the author's name before a line of
/// dialogue; of knowledge also the pattern, where the content does not hold it, and the context. All of it is
/// searched too. Empty for skills, which are known by their names.
std::string compared_text(const AnyMemory& memory);

/// What must be equal beside that: type, kind, author and, for episodes, whether they succeeded.
std::string compared_group(const AnyMemory& memory);

}  // namespace comem::memory
