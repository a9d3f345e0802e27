#pragma once
// What the memory of an imported line must be, beyond what the library asks for.

#include <comem/any_memory.hpp>

#include <string>

namespace comem::cli {

/// Whether anything can have been saved then: not before the second day of 1970 (a number in seconds), nor
/// more than a day after `now`.
bool is_save_time(TimePoint time, TimePoint now) noexcept;

/// Throws Error(invalid_argument) for a memory that nobody could read, and for a created_at at which nothing
/// can have been saved.
void check_import(const AnyMemory& memory, TimePoint now);

/// The id of a memory that has none, made from what it says (a skill's from its name), so that the same line
/// is the same memory always.
std::string id_of_content(const AnyMemory& memory);

}  // namespace comem::cli
