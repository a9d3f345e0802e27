#pragma once
// The writer thread: takes all functions that wait, runs them in one transaction and answers them after one
// commit. Who arrives while a commit runs joins the next one; who is alone waits for nobody.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/sqlite/checkpoint.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/jobs.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "adapters/sqlite/transaction.hpp"

namespace comem::sqlite {

/// Thread-safe.
class Writer {
 public:
  /// `locker` is the checkpointer's second connection, absent for ":memory:". `readers` must outlive the
  /// writer.
  Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Connection> locker, Readers& readers,
         Identity identity);
  ~Writer();

  bool push(Job& job) { return queue_.push(job); }
  /// Finishes what is queued and joins the thread; takes no more.
  void finish();
  /// finish(), and closes the connection.
  void close();
  SqliteStatistics statistics() const noexcept;

 private:
  void run();
  void serve(std::vector<Job>& group);
  std::size_t commit_group(std::vector<Job>& group, std::vector<std::exception_ptr>& outcomes);
  bool run_function(Job& job, bool alone, ClockRow& clock, std::exception_ptr& outcome, std::size_t& bytes);
  void commit(const std::vector<std::exception_ptr>& outcomes, bool sync);
  void set_synchronous(bool full);

  std::unique_ptr<Connection> connection_;
  Queries queries_;
  std::unique_ptr<Checkpointer> checkpointer_;
  Identity identity_;
  std::optional<bool> synchronous_full_;
  JobQueue queue_;
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<std::uint64_t> checkpoints_{0};
  std::thread thread_;
};

}  // namespace comem::sqlite
