#pragma once
// The kinds of memory.

#include <array>
#include <optional>
#include <string_view>

namespace comem {

enum class MemoryType { working, episodic, semantic, skill, session };

/// The types that search covers, in the order in which results list them.
inline constexpr std::array long_term_types{MemoryType::episodic, MemoryType::semantic, MemoryType::skill};

/// "working", "episodic", "semantic", "skill", "session".
std::string_view name_of(MemoryType type) noexcept;
std::optional<MemoryType> memory_type_from(std::string_view name) noexcept;

}  // namespace comem
