#pragma once
// Changes a database behind the store's back.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <string>

namespace comem::testing {

inline void execute(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  CHECK_MESSAGE(code == SQLITE_OK, sqlite3_errmsg(database));
  sqlite3_close(database);
}

}  // namespace comem::testing
