#include "core/task_scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include <vector>

namespace comem {

namespace asio = boost::asio;

TaskScope::TaskScope(asio::any_io_executor executor, std::function<void(const std::string&)> on_error)
    : executor_(std::move(executor)), on_error_(std::move(on_error)), idle_(executor_) {}

TaskScope::~TaskScope() = default;

bool TaskScope::spawn(asio::awaitable<void> task) {
  if (cancelled_) return false;
  const auto place = tasks_.emplace(tasks_.end());
  auto on_end = [this, place](std::exception_ptr error) { finished(place, error); };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(place->slot(), std::move(on_end)));
  return true;
}

void TaskScope::cancel() {
  cancelled_ = true;
  // A task may end, and leave the list, while it is being cancelled.
  std::vector<asio::cancellation_signal*> signals;
  for (auto& signal : tasks_) signals.push_back(&signal);
  for (auto* signal : signals) {
    for (auto& alive : tasks_) {
      if (&alive != signal) continue;
      signal->emit(asio::cancellation_type::terminal);
      break;
    }
  }
}

asio::awaitable<void> TaskScope::join() {
  while (!tasks_.empty()) co_await idle_.wait();
}

void TaskScope::finished(Task task, const std::exception_ptr& error) {
  tasks_.erase(task);
  if (tasks_.empty()) idle_.notify();
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& failure) {
    if (failure.code() != asio::error::operation_aborted && on_error_) on_error_(failure.what());
  } catch (const std::exception& failure) {
    if (on_error_) on_error_(failure.what());
  }
}

}  // namespace comem
