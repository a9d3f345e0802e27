#pragma once
// Whether anything was committed, by any process, told from memory that all processes on the file share.
//
// In WAL mode every commit rewrites the header of the write-ahead log's index (the first 48 bytes of the -shm
// file, sqlite.org/walformat.html): a counter of transactions, the last valid frame, salts and checksums.
// SQLite itself compares this header with a copy of its own to learn whether its snapshot is current. The
// memory is asked of SQLite's file object: to map the file ourselves would drop SQLite's locks with our
// descriptor.

#include <cstdint>
#include <mutex>
#include <optional>

#include "adapters/sqlite/connection.hpp"
#include "storage/store.hpp"

namespace comem::sqlite {

/// Thread-safe.
class CommitStamp {
 public:
  CommitStamp() = default;
  CommitStamp(const CommitStamp&) = delete;
  CommitStamp& operator=(const CommitStamp&) = delete;

  /// Reads from now on what this connection maps; it reads from the file for that. No stamp from before is
  /// given again. Where the file system offers no such memory, or the file cannot be read, read() answers
  /// nothing.
  void watch(Connection& connection) noexcept;
  /// To be called before that connection is closed.
  void forget() noexcept;

  /// Whether exactly so many transactions, of all processes, were committed between the two.
  static bool apart(const storage::StoreStamp& before, const storage::StoreStamp& after,
                    std::uint64_t commits) noexcept;

  /// What was committed before the call is at this stamp.
  std::optional<storage::StoreStamp> read() const noexcept;

 private:
  mutable std::mutex mutex_;
  const std::uint64_t* header_ = nullptr;  // guarded by mutex_
  std::uint64_t generation_ = 0;           // guarded by mutex_
};

}  // namespace comem::sqlite
