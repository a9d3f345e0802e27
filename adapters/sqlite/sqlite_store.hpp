#pragma once
// The store on SQLite: one writer thread with group commit, a pool of readers, nothing on the caller's
// threads. Several processes may open one file; they share its clock, change numbers and outbox.

#include <comem/clock.hpp>
#include <comem/log.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "storage/store.hpp"

namespace comem::sqlite {

struct SqliteOptions {
  SqliteOptions() = default;
  std::string path;  ///< of the file, or ":memory:" for a store that ends with its object
  std::size_t reader_threads =
      2;                         ///< connections that read, 1 to 64; ":memory:" reads on the writer's thread
  const Clock* clock = nullptr;  ///< nullptr: the system's; must outlive the store
  /// A database that is damaged is renamed, not refused: see Options. Not one that is no comem database.
  bool set_aside_corrupt = false;
  LogSink log;  ///< is told of a database that was set aside; empty: nobody
};

/// What the writer has done since the store was opened.
struct SqliteStatistics {
  SqliteStatistics() = default;
  std::uint64_t writes = 0;         ///< functions that were committed
  std::uint64_t commits = 0;        ///< transactions that carried them
  std::uint64_t syncs = 0;          ///< of these, commits that were synced to disk
  std::uint64_t checkpoints = 0;    ///< times the write-ahead log was copied into the database
  std::uint64_t reconnections = 0;  ///< times all connections were replaced, after trouble with the file
};

class SqliteStore final : public storage::Store {
 public:
  class Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl) noexcept;
  /// Closes.
  ~SqliteStore() override;

  boost::asio::awaitable<void> read(storage::ReadFunction function) override;
  boost::asio::awaitable<void> write(storage::WriteFunction function,
                                     storage::Durability durability) override;
  boost::asio::awaitable<void> sync(std::uint64_t change) override;
  /// The last change number, so it moves with every put() and share_all(), not with acknowledgements or
  /// positions.
  std::uint64_t data_version(storage::ReadTransaction& read) override;
  std::optional<storage::StoreStamp> stamp() const noexcept override;
  void on_commit(storage::CommitListener told) override;
  void on_queued(storage::QueueListener told) override;
  boost::asio::awaitable<std::vector<Finding>> diagnose() override;

  const std::string& store_id() const noexcept override;
  const std::string& process_id() const noexcept override;
  const std::string& path() const noexcept override;
  int schema_version() const noexcept override;
  void close() noexcept override;

  /// Thread-safe.
  SqliteStatistics statistics() const noexcept;

 private:
  std::unique_ptr<Impl> impl_;
};

/// Opens the database, and creates it (readable by its owner only) where there is none. Blocking.
/// Throws Error and leaves every file as it was: unavailable (no such directory, a directory, read-only,
/// locked), corrupt (not a database, damaged), unsupported (another program's database, or a newer comem's),
/// invalid_argument (options).
std::unique_ptr<SqliteStore> open_sqlite_store(const SqliteOptions& options);

}  // namespace comem::sqlite
