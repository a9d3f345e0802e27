#pragma once
// Values of options as people write them. Each function throws Error(invalid_argument) that names the option.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>
#include <comem/write.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace comem::cli {

/// "90s", "30m", "12h", "7d", "2w", "500ms"; "0" or "never" is zero.
Milliseconds duration_value(std::string_view text, std::string_view option);

/// ISO 8601 date or date and time. With `end_of_day` a bare date means its last millisecond.
TimePoint time_value(std::string_view text, std::string_view option, bool end_of_day = false);

Level level_value(std::string_view text, std::string_view option);
std::string_view name_of(Level level) noexcept;

/// A type and the kind that goes with it: episodic (or episode), semantic, skill, document.
struct TypeAndKind {
  TypeAndKind() = default;
  MemoryType type = MemoryType::episodic;
  std::string kind;  ///< empty: the type's own
};
TypeAndKind type_value(std::string_view text, std::string_view option);
std::vector<MemoryType> type_values(const std::vector<std::string>& texts, std::string_view option);

/// An id as one word of a line: ids with white space (`spaces`) or control characters have those and '%'
/// percent-encoded; all other ids stand as they are.
std::string id_on_a_line(std::string_view id, bool spaces);

}  // namespace comem::cli
