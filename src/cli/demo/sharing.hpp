#pragma once
// The demo's second part: two agents, two files, one Redis that goes away and comes back.

#include <string>

#include "cli/demo/report.hpp"

namespace comem::cli {

/// Blocks for at most about half a minute. `server` is the program to start, `directory` takes all files.
void show_sharing(const std::string& server, const std::string& directory, Report& report);

}  // namespace comem::cli
