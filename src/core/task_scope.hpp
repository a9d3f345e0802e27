#pragma once
// The owner of background coroutines: it can cancel them all and waits until they are gone.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <list>
#include <string>

#include "core/signal.hpp"

namespace comem {

/// All functions belong to the one executor (a strand or a single thread). Make it the last member, so that
/// what its tasks use outlives them. It must have been joined, or its executor have been stopped for good,
/// before it goes.
class TaskScope {
 public:
  /// `on_error` hears of a task that ended by an exception other than operation_aborted.
  TaskScope(boost::asio::any_io_executor executor, std::function<void(const std::string&)> on_error);
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope();

  /// Starts a task. After cancel() nothing is started any more and false is answered.
  bool spawn(boost::asio::awaitable<void> task);
  /// Asks every task to end (terminal cancellation).
  void cancel();
  /// Waits until no task is left.
  boost::asio::awaitable<void> join();
  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  std::size_t size() const noexcept { return tasks_.size(); }
  bool cancelled() const noexcept { return cancelled_; }

 private:
  using Task = std::list<boost::asio::cancellation_signal>::iterator;
  void finished(Task task, const std::exception_ptr& error);

  boost::asio::any_io_executor executor_;
  std::function<void(const std::string&)> on_error_;
  std::list<boost::asio::cancellation_signal> tasks_;
  Signal idle_;
  bool cancelled_ = false;
};

}  // namespace comem
