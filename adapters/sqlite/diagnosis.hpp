#pragma once
// Looks at a database file for people: soundness, size, log, permissions, versions.

#include <comem/diagnosis.hpp>

#include <vector>

#include "adapters/sqlite/connection.hpp"

namespace comem::sqlite {

/// Inside a read transaction of the connection. Reads the whole file.
std::vector<Finding> diagnose(Connection& connection);

}  // namespace comem::sqlite
