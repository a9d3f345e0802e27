#pragma once
// What the threads of the store are asked to do, and the queue that hands it to them.

#include <comem/error.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/sqlite/queries.hpp"
#include "core/answer.hpp"
#include "storage/store.hpp"

namespace comem::sqlite {

using ReadTask = std::function<void(Queries&)>;

/// A read task or a write function, and who waits for it.
struct Job {
  Job(ReadTask task, Answer to) : read(std::move(task)), answer(std::move(to)) {}
  Job(storage::WriteFunction function, storage::Durability safe, Answer to)
      : write(std::move(function)), durability(safe), answer(std::move(to)) {}

  ReadTask read;
  storage::WriteFunction write;
  storage::Durability durability = storage::Durability::process;
  Answer answer;
};

/// Ends a job: its function and all that it owns are gone before the caller goes on.
inline void complete(Job& job, std::exception_ptr error) {
  job.read = nullptr;
  job.write = nullptr;
  job.answer.give(std::move(error));
}

class JobQueue {
 public:
  /// Answers false, and leaves the job alone, once closed.
  bool push(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return false;
      jobs_.push_back(std::move(job));
    }
    arrived_.notify_one();
    return true;
  }

  /// Waits for work. Up to `most` jobs of one kind, in order; none once closed and empty.
  std::vector<Job> take(std::size_t most) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    std::vector<Job> taken;
    while (!jobs_.empty() && taken.size() < most) {
      if (!taken.empty() && static_cast<bool>(taken.front().read) != static_cast<bool>(jobs_.front().read))
        break;
      taken.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
    }
    return taken;
  }

  /// Puts jobs [from, end) that were taken but not begun back to the front.
  void put_back(std::vector<Job>& jobs, std::size_t from) {
    const std::lock_guard lock(mutex_);
    while (jobs.size() > from) {
      jobs_.push_front(std::move(jobs.back()));
      jobs.pop_back();
    }
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Job> jobs_;
  bool closed_ = false;
};

}  // namespace comem::sqlite
