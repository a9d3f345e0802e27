#pragma once
// What the program's exit code means; scripts rely on it.

#include <comem/error.hpp>

namespace comem::cli {

enum ExitCode : int {
  exit_ok = 0,
  exit_nothing = 1,  ///< nothing found, bad lines in an import, store and Redis differ, vectors are missing
  exit_usage = 2,    ///< bad option, bad input; nothing was done
  exit_store = 3,  ///< the database could not be opened, read or written, or the output could not be written
  exit_redis = 4,  ///< Redis could not be reached where it was needed
  exit_interrupted = 130  ///< stopped by SIGINT or SIGTERM; what was acknowledged is kept
};

inline constexpr const char* exit_code_help =
    "Exit codes: 0 done; 1 nothing found, bad lines in an import, Redis differs, or vectors are missing;\n"
    "2 bad option or input; 3 the database (or the output) failed; 4 Redis was needed and not reached;\n"
    "130 interrupted.";

inline int exit_code_of(const std::error_code& code) noexcept {
  if (code == make_error_code(errc::invalid_argument)) return exit_usage;
  if (code == make_error_code(errc::limit_exceeded)) return exit_usage;
  if (code == make_error_code(errc::not_found)) return exit_nothing;
  return exit_store;
}

}  // namespace comem::cli
