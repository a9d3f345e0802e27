#pragma once
// The reader pool: each thread has a connection of its own and runs one read transaction at a time.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/jobs.hpp"

namespace comem::sqlite {

/// Runs a read task in a transaction of its own, on this thread, and answers its caller.
void serve_read(Queries& queries, Job& job);

/// Thread-safe.
class Readers {
 public:
  explicit Readers(std::vector<std::unique_ptr<Connection>> connections);
  ~Readers();

  bool push(Job& job) { return queue_.push(job); }
  /// Lets no read transaction begin until resume(). Answers whether none was open any more within `most`.
  bool pause(std::chrono::milliseconds most);
  void resume();
  /// Finishes what is queued, joins the threads and closes the connections.
  void close();

 private:
  void run(Connection& connection);

  JobQueue queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t active_ = 0;
  bool paused_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace comem::sqlite
