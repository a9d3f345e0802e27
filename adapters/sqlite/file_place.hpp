#pragma once
// Whether an open database still lies where it was opened. A file that is renamed, deleted or replaced stays
// writable through its descriptors, so that commits succeed and nobody ever sees them again.

#include <sys/types.h>

#include <array>
#include <mutex>
#include <string>
#include <string_view>

namespace comem::sqlite {

/// Thread-safe.
class FilePlace {
 public:
  /// ":memory:" lies nowhere and is always in place.
  explicit FilePlace(std::string path) : path_(std::move(path)) {}

  /// Takes what lies at the path now, with its log and the log's index, for what is open. To be called while
  /// a connection that has read holds them open, so that they exist and keep their identity.
  void remember();
  /// What is no longer in its place, as the beginning of a sentence; empty when all is well. Costs three
  /// stat().
  std::string missing() const;

 private:
  struct File {
    std::string_view suffix;
    dev_t device = 0;
    ino_t number = 0;  ///< zero: there was none
  };

  const std::string path_;
  mutable std::mutex mutex_;
  std::array<File, 3> files_{File{"", 0, 0}, File{"-wal", 0, 0}, File{"-shm", 0, 0}};
};

}  // namespace comem::sqlite
