#pragma once
// Opens or creates a database file, having made sure first that it is one of ours and sound.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/file_place.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/sqlite_store.hpp"

namespace comem::sqlite {

struct OpenDatabase {
  OpenDatabase() = default;
  std::unique_ptr<Connection> writer;
  std::unique_ptr<Connection> locker;  ///< the checkpointer's; absent for ":memory:", as the readers are
  std::vector<std::unique_ptr<Connection>> readers;
  std::shared_ptr<FilePlace> place;
  Connect connect_writer;  ///< empty for ":memory:", as the next two are
  Connect connect_locker;
  Connect connect_reader;
  std::string path;  ///< absolute
  std::string store_id;
  int schema_version = 0;
};

/// Throws Error as open_sqlite_store() says, and then has changed nothing that it did not create itself.
OpenDatabase open_database(const SqliteOptions& options);

}  // namespace comem::sqlite
