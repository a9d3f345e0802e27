#include "core/answer.hpp"

namespace comem {

void WaitingRoom::shutdown() {
  std::list<std::unique_ptr<Waiter>> waiters;
  {
    const std::lock_guard lock(list_->mutex);
    list_->gone = true;
    waiters.swap(list_->waiters);
  }
  // Destroyed without the lock: a caller's frame may own the store, whose closing gives further answers.
}

Answer::Answer(std::shared_ptr<WaitingRoom::List> list, std::unique_ptr<Waiter> waiter)
    : list_(std::move(list)) {
  const std::lock_guard lock(list_->mutex);
  place_ = list_->waiters.insert(list_->waiters.end(), std::move(waiter));
}

void Answer::give(std::exception_ptr error) {
  const std::lock_guard lock(list_->mutex);
  if (list_->gone) return;
  // Under the lock, which the context's end waits for: posting and giving up the work both touch the context.
  (*place_)->post(std::move(error));
  list_->waiters.erase(place_);
}

}  // namespace comem
