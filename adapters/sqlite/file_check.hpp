#pragma once
// What a path holds, found out without opening it as a database: that could already change it.

#include <cstdint>
#include <string>

namespace comem::sqlite {

enum class FileKind { absent, empty, ours };

/// Throws Error for everything that is neither a comem database nor a place to create one.
FileKind check_file(const std::string& path);

/// Creates an empty file that only its owner may read; leaves an existing one alone.
void create_private_file(const std::string& path);

/// 0 where there is none.
std::uintmax_t file_size_or_zero(const std::string& path) noexcept;

}  // namespace comem::sqlite
