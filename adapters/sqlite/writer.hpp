#pragma once
// The writer thread: takes all functions that wait, runs them in one transaction and answers them after one
// commit. Who arrives while a commit runs joins the next one; who is alone waits for nobody.
//
// Functions are run without a way to undo each by itself, since a savepoint has SQLite copy every page that
// comes after it: one that throws after it has written undoes the transaction, which then begins anew, with
// savepoints.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/sqlite/checkpoint.hpp"
#include "adapters/sqlite/commit_stamp.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/group_window.hpp"
#include "adapters/sqlite/jobs.hpp"
#include "adapters/sqlite/opening.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "adapters/sqlite/transaction.hpp"

namespace comem::sqlite {

/// Thread-safe.
class Writer {
 public:
  /// Takes the writer's part of the database. `readers` must outlive the writer.
  Writer(OpenDatabase database, Readers& readers, Identity identity);
  ~Writer();

  /// Tells of every commit from the next one on. To be called before the first push().
  void on_commit(storage::CommitListener told) { told_ = std::move(told); }
  void on_queued(storage::QueueListener told) { told_queued_ = std::move(told); }
  std::optional<storage::StoreStamp> stamp() const noexcept { return stamp_.read(); }

  bool push(Job& job) { return queue_.push(job); }
  /// Finishes what is queued and joins the thread; takes no more.
  void finish();
  /// finish(), and closes the connection.
  void close();
  SqliteStatistics statistics() const noexcept;
  /// Every commit up to this change number is known to survive a loss of power.
  std::uint64_t synced_change() const noexcept { return synced_change_; }

 private:
  void run();
  using Outcomes = std::vector<std::exception_ptr>;
  /// What became of a function, and so of the transaction it ran in.
  enum class Ran { stands, undone, spoiled };

  void serve(std::vector<Job>& group);
  bool run_group(std::vector<Job>& group, Outcomes& outcomes, bool sync, bool savepoints);
  bool runs_on(std::vector<Job>& group, std::size_t run, bool sync);
  Ran run_function(Job& job, bool savepoint, std::exception_ptr& outcome, std::size_t& bytes);
  bool undo_function();
  void finish_clock(const ClockRow& loaded, bool sync);
  void commit(const std::vector<Job>& group, const Outcomes& outcomes, bool sync);
  void tell_commit(const storage::StoreStamp& before, std::uint64_t commits);
  void set_synchronous(bool full);
  void check_place(errc code) const;
  void note_trouble() noexcept;
  void reconnect();

  OpenDatabase database_;
  Readers& readers_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Queries> queries_;
  std::unique_ptr<Checkpointer> checkpointer_;
  CommitStamp stamp_;  ///< reads what the checkpointer's second connection maps
  storage::CommitListener told_;
  storage::Commit changes_;  ///< of the transaction under way
  storage::QueueListener told_queued_;
  storage::QueuedRows queued_;  ///< by the transaction under way
  Identity identity_;
  std::optional<bool> synchronous_full_;
  GroupWindow window_;
  ClockRow clock_;                      ///< of the transaction under way
  bool clock_saved_ = false;            ///< in it, so that its commit writes something
  int troubled_groups_ = 0;             ///< in a row
  std::uint64_t committed_change_ = 0;  ///< the highest that this writer has seen
  bool unsynced_ = true;                ///< whether the log may hold commits that only the kernel has
  std::atomic<std::uint64_t> synced_change_{0};
  JobQueue queue_;
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<std::uint64_t> checkpoints_{0};
  std::atomic<std::uint64_t> reconnections_{0};
  std::thread thread_;
};

}  // namespace comem::sqlite
