#pragma once
// Moves a damaged database out of the way, so that a new one can be begun in its place.

#include <comem/clock.hpp>

#include <string>

namespace comem::sqlite {

/// Holds off every other process that would set aside a database of the same directory. An flock() on the
/// directory itself, so nothing is left behind.
class DirectoryLock {
 public:
  /// Waits. Throws Error(unavailable).
  explicit DirectoryLock(const std::string& path_in_directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int directory_ = -1;
};

/// Renames the file to "<path>.corrupt-<UTC time>", its log and journal with it, and answers the new name.
/// Nothing is deleted, whenever this is interrupted. Throws Error(unavailable).
std::string set_aside(const std::string& path, TimePoint now);

}  // namespace comem::sqlite
