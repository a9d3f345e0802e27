#pragma once
// Small tools for texts that people and models read.

#include <string>
#include <string_view>
#include <vector>

namespace comem::memory {

/// `text` on one line (runs of white space become one space), cut to at most `max_bytes` with "..." at the
/// end.
std::string one_line(std::string_view text, std::size_t max_bytes);

/// The names joined by commas, then "and N more" where there are more.
std::string listed(const std::vector<std::string>& names, std::size_t more = 0);

/// `text` cut to at most `max_bytes`, whole characters, with "..." at the end where that has room.
std::string cut_with_dots(std::string_view text, std::size_t max_bytes);

}  // namespace comem::memory
