#pragma once
// What the threads of the store are asked to do, and the queue that hands it to them.

#include <comem/error.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/sqlite/queries.hpp"
#include "adapters/sqlite/spinning.hpp"
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
  using Moment = std::chrono::steady_clock::time_point;

  /// Answers false, and leaves the job alone, once closed.
  bool push(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return false;
      jobs_.push_back(std::move(job));
      is_empty_.store(false, std::memory_order_relaxed);
      if (jobs_.size() < enough_) return true;
    }
    arrived_.notify_one();
    return true;
  }

  /// Before take(), on the one thread that takes: perhaps it need not sleep.
  void look(Spinning& spinning) {
    spinning.look_for([this] { return !is_empty_.load(std::memory_order_relaxed); });
  }

  /// Waits for work. Up to `most` jobs of one kind, in order; none once closed and empty.
  std::vector<Job> take(std::size_t most) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    std::vector<Job> taken;
    move_to(taken, most);
    return taken;
  }

  /// More jobs of the kind of `taken`, which is not empty, until it has `most`: once `enough` are there, or
  /// whatever there is at `until`. Not for a queue that several threads take from.
  void take_more(std::vector<Job>& taken, std::size_t most, std::size_t enough, Moment until) {
    std::unique_lock lock(mutex_);
    enough_ = enough;  // so that nobody wakes this thread for less
    arrived_.wait_until(lock, until, [&] { return closed_ || jobs_.size() >= enough; });
    enough_ = 1;
    move_to(taken, most);
  }

  /// Jobs that wait for `durability`.
  std::size_t waiting(storage::Durability durability) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.durability == durability; }));
  }

  /// Puts jobs [from, end) that were taken but not begun back to the front.
  void put_back(std::vector<Job>& jobs, std::size_t from) {
    const std::lock_guard lock(mutex_);
    while (jobs.size() > from) {
      jobs_.push_front(std::move(jobs.back()));
      jobs.pop_back();
    }
    is_empty_.store(jobs_.empty(), std::memory_order_relaxed);
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_.notify_all();
  }

 private:
  void move_to(std::vector<Job>& taken, std::size_t most) {
    while (!jobs_.empty() && taken.size() < most) {
      if (!taken.empty() && static_cast<bool>(taken.front().read) != static_cast<bool>(jobs_.front().read))
        break;
      taken.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
    }
    is_empty_.store(jobs_.empty(), std::memory_order_relaxed);
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Job> jobs_;
  std::size_t enough_ = 1;            ///< how many must be there for a wake-up
  std::atomic<bool> is_empty_{true};  ///< for those who look without the mutex
  bool closed_ = false;
};

}  // namespace comem::sqlite
