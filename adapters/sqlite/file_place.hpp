#pragma once
// Whether an open database still lies where it was opened. A file that is renamed, deleted or replaced stays
// writable through its descriptors, so that commits succeed and nobody ever sees them again.

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <string>

namespace comem::sqlite {

/// Thread-safe.
class FilePlace {
 public:
  /// ":memory:" lies nowhere and is always in place.
  explicit FilePlace(const std::string& path);

  /// Takes what lies at the path now, with its log and the log's index, for what is open. To be called while
  /// a connection that has read holds them open, so that they exist and keep their identity.
  void remember();
  /// What is no longer in its place, as the beginning of a sentence; empty when all is well. Costs a stat()
  /// for each file.
  std::string missing() const { return missing(files_.size()); }
  /// The same of the database file alone.
  std::string missing_database() const { return missing(1); }

 private:
  struct File {
    std::string path;
    dev_t device = 0;
    ino_t number = 0;  ///< zero: there was none
  };
  std::string missing(std::size_t files) const;

  mutable std::mutex mutex_;
  std::array<File, 3> files_;  ///< database, log, index of the log
};

}  // namespace comem::sqlite
