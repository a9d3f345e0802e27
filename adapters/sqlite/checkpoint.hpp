#pragma once
// Copies the write-ahead log into the database before it grows long. Belongs to the writer's thread.
//
// SQLite before 3.51.3 can lose a commit when one connection checkpoints while another begins the log anew,
// which writers do. So a second connection holds the write lock, of all processes, while the first one
// checkpoints: a connection cannot do both, since a checkpoint is refused inside its own write transaction.

#include <cstdint>
#include <memory>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/readers.hpp"

namespace comem::sqlite {

class Checkpointer {
 public:
  /// `readers` may be stopped for a moment when they alone keep the log from being begun anew.
  Checkpointer(Connection& writer, std::unique_ptr<Connection> locker, Readers& readers);
  ~Checkpointer();

  /// How often the writer has committed something to the log.
  std::uint64_t commits() const noexcept { return commits_; }

  /// To be called after each commit of the writer, outside of a transaction. Never throws: what fails is
  /// tried again.
  void after_commit(std::uint64_t& checkpoints) noexcept;

  /// After a failed sync: the kernel may have dropped pages of the log that it could not write, and the next
  /// sync says nothing of it. What is appended behind such a gap would not survive a loss of power, and a
  /// checkpoint of it, interrupted by one, would damage the database.
  void distrust_log() noexcept { distrusted_ = true; }
  /// Before a commit that must survive a loss of power: writes a distrusted log once more, byte by byte as it
  /// is, and syncs it. Throws Error(rejected) where that fails.
  void settle();
  /// The same; answers whether the log can be trusted.
  bool settled() noexcept;

 private:
  static int on_commit(void* self, sqlite3* handle, const char* database, int pages);
  bool copy_log();
  bool begin_log_anew();
  void rewrite_log();

  bool distrusted_ = false;
  Connection& writer_;
  std::unique_ptr<Connection> locker_;
  Readers& readers_;
  std::uint64_t commits_ = 0;
  int pages_ = 0;  ///< in the log after the last commit
  int next_;       ///< checkpoint when the log has as many
};

}  // namespace comem::sqlite
