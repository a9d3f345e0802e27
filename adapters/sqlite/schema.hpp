#pragma once
// The tables of a comem database and how they came to be.

#include <cstdint>

#include "adapters/sqlite/connection.hpp"

namespace comem::sqlite {

/// In the file's header: "comM". Tells our files from other programs'.
inline constexpr std::int64_t application_id = 0x636f6d4d;

/// Raised with every migration of any wing. A program refuses files whose version (PRAGMA user_version) is
/// higher.
inline constexpr int schema_version = 4;

/// Applies the migrations that the file lacks, in the caller's transaction, and sets the header fields.
void migrate(Connection& connection);

/// What a new database needs besides its tables: its store id, its time of birth. In the caller's
/// transaction.
void fill_new(Connection& connection, TimePoint now);

/// Whether everything is there that the current schema has: tables, indexes, clock row, store id.
bool is_complete(Connection& connection);

}  // namespace comem::sqlite
