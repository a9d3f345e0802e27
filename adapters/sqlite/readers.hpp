#pragma once
// The reader pool: each thread has a connection of its own and runs one read transaction at a time. A
// connection that met trouble with the file is replaced before its next use.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/jobs.hpp"

namespace comem::sqlite {

/// Opens one more connection of a kind to the open database. Throws Error.
using Connect = std::function<std::unique_ptr<Connection>()>;

/// Runs a read task in a transaction of its own, on this thread, and answers its caller.
void serve_read(Queries& queries, Job& job);

/// Thread-safe.
class Readers {
 public:
  /// `connect` is called on the readers' threads, at once.
  Readers(std::vector<std::unique_ptr<Connection>> connections, Connect connect);
  ~Readers();

  bool push(Job& job) { return queue_.push(job); }
  /// Lets no read transaction begin until resume(). Answers whether none was open any more within `most`.
  bool pause(std::chrono::milliseconds most);
  void resume();
  /// Has every connection replaced before its next use.
  void reconnect() noexcept { ++generation_; }
  /// Finishes what is queued, joins the threads and closes the connections.
  void close();

 private:
  void run(std::unique_ptr<Connection>& connection);
  void replace(std::unique_ptr<Connection>& connection) noexcept;

  JobQueue queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t active_ = 0;
  bool paused_ = false;
  std::atomic<unsigned> generation_{0};
  const Connect connect_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace comem::sqlite
