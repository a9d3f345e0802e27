#pragma once
// Memories on the screen.

#include <comem/query.hpp>
#include <comem/stats.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace comem::cli {

/// The name of the memory within its type: a skill's name, the pattern of knowledge, the task of an episode;
/// may be empty.
std::string_view title_of(const AnyMemory& memory) noexcept;

/// "episode 2024-05-01 12:00 by Ada", for the line above a text.
std::string facts_of(const AnyMemory& memory);

/// One line of at most `columns` bytes, safe for a terminal.
std::string one_line(std::string_view text, std::size_t columns);
/// The title and the text of a memory in one line.
std::string gist(const AnyMemory& memory, std::size_t columns);

/// The part of the memory's text around the first of `words` found, matches set off in colour, in one line.
std::string excerpt(const AnyMemory& memory, const std::vector<std::string>& words, std::size_t columns);

/// Every field, for reading.
std::string full_view(const AnyMemory& memory);

std::string date_time(TimePoint time);

}  // namespace comem::cli
