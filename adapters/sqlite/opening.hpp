#pragma once
// Opens or creates a database file, having made sure first that it is one of ours and sound.

#include <comem/clock.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/connection.hpp"

namespace comem::sqlite {

struct OpenDatabase {
  OpenDatabase() = default;
  std::unique_ptr<Connection> writer;
  std::unique_ptr<Connection> locker;  ///< the checkpointer's; absent for ":memory:", as the readers are
  std::vector<std::unique_ptr<Connection>> readers;
  std::string path;  ///< absolute
  std::string store_id;
  int schema_version = 0;
};

/// Throws Error as open_sqlite_store() says, and then has changed nothing that it did not create itself.
OpenDatabase open_database(const std::string& path, std::size_t readers, const Clock& clock);

}  // namespace comem::sqlite
