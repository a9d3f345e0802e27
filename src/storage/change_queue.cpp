#include "storage/change_queue.hpp"

#include <comem/error.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace comem {

namespace asio = boost::asio;

ChangeQueue::ChangeQueue(std::string agent, std::set<MemoryType> types, std::size_t capacity)
    : agent_(std::move(agent)),
      types_(types.empty() ? std::set<MemoryType>(long_term_types.begin(), long_term_types.end())
                           : std::move(types)),
      capacity_(std::max<std::size_t>(capacity, 1)) {}

bool ChangeQueue::wants(const Record& record) const {
  return record.writer != agent_ && types_.contains(record.key.type);
}

void ChangeQueue::push(Change change) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (changes_.size() == capacity_) {
      changes_.pop_front();
      ++dropped_;
    }
    changes_.push_back(std::move(change));
  }
  wake(nullptr);
}

bool ChangeQueue::take(std::optional<Change>& change) {
  const std::lock_guard lock(mutex_);
  if (closed_) return true;
  if (changes_.empty()) return false;
  change = std::move(changes_.front());
  changes_.pop_front();
  change->dropped_before = dropped_ - std::exchange(reported_, dropped_);
  return true;
}

void ChangeQueue::wait(Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_ && changes_.empty()) {
      waiting_.emplace(std::move(answer));
      return;
    }
  }
  answer.give(nullptr);
}

void ChangeQueue::wake(std::exception_ptr error) {
  std::optional<Answer> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  if (waiting) waiting->give(std::move(error));
}

/// Begins a wait; its cancellation ends it.
struct ChangeQueue::Wait {
  ChangeQueue* queue;

  template <class Handler>
  void operator()(Handler&& handler) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = queue->weak_from_this()](asio::cancellation_type) {
        const auto aborted = boost::system::system_error(asio::error::operation_aborted);
        if (const auto alive = weak.lock()) alive->wake(std::make_exception_ptr(aborted));
      });
    }
    queue->wait(Answer::to(std::forward<Handler>(handler)));
  }
};

asio::awaitable<std::optional<Change>> ChangeQueue::next(std::shared_ptr<ChangeQueue> queue) {
  std::optional<Change> change;
  while (!queue->take(change)) {
    const Wait wait{queue.get()};
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        wait, asio::use_awaitable);
  }
  co_return change;
}

void ChangeQueue::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changes_.clear();
  }
  wake(nullptr);
}

bool ChangeQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::uint64_t ChangeQueue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

Subscription::Subscription(std::shared_ptr<ChangeQueue> queue) noexcept : queue_(std::move(queue)) {}
Subscription::Subscription(Subscription&&) noexcept = default;

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    close();
    queue_ = std::move(other.queue_);
  }
  return *this;
}

Subscription::~Subscription() {
  close();
}

asio::awaitable<std::optional<Change>> Subscription::next() {
  return ChangeQueue::next(queue_);
}

void Subscription::close() noexcept {
  if (queue_) queue_->close();
}

std::uint64_t Subscription::dropped() const noexcept {
  return queue_ ? queue_->dropped() : 0;
}

}  // namespace comem
