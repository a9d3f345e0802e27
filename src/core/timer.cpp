#include "core/timer.hpp"

namespace comem {

VirtualTime::VirtualTime(SteadyTime begin) noexcept : now_(begin) {
  installed_ = this;
}
VirtualTime::~VirtualTime() {
  installed_ = nullptr;
}

SteadyTime VirtualTime::due() const noexcept {
  return waits_.empty() ? SteadyTime::max() : waits_.begin()->first;
}

boost::asio::execution_context& VirtualTime::end_first_wait() {
  auto& wait = waits_.begin()->second;
  auto& context = *wait.context;
  wait.timer->cancel();
  return context;
}

Timer::Timer(boost::asio::any_io_executor executor, SteadyTime until)
    : until_(until), virtual_(VirtualTime::installed()) {
  if (virtual_ == nullptr) real_.emplace(std::move(executor), until);
}

Timer::~Timer() {
  if (wait_) virtual_->waits_.erase(*wait_);
}

void Timer::wait_virtually(boost::asio::execution_context& context, Answer answer) {
  wait_ = virtual_->waits_.emplace(until_, VirtualTime::Wait{&context, this, std::move(answer)});
}

void Timer::cancel() {
  if (real_) real_->cancel();
  if (!wait_) return;
  Answer answer = std::move((*wait_)->second.answer);
  virtual_->waits_.erase(*wait_);
  wait_.reset();
  answer.give(nullptr);
}

}  // namespace comem
