#pragma once
// A bounded queue from any thread to one waiting coroutine.

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "core/answer.hpp"

namespace comem {

/// Thread-safe. When it is full the oldest item is dropped, and the next one says how many were. A reader
/// whose execution context ends while it waits takes its wait with it. Held by shared_ptr.
template <class T>
class Mailbox : public std::enable_shared_from_this<Mailbox<T>> {
 public:
  struct Item {
    Item(T value_, std::uint64_t dropped) : value(std::move(value_)), dropped_before(dropped) {}
    T value;
    std::uint64_t dropped_before;  ///< items dropped just before this one
  };

  explicit Mailbox(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

  void push(T value) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      if (items_.size() == capacity_) {
        items_.pop_front();
        ++dropped_;
      }
      items_.push_back(std::move(value));
    }
    wake(nullptr);
  }

  /// The next item, or nothing once closed; one caller at a time. Throws operation_aborted when cancelled.
  static boost::asio::awaitable<std::optional<Item>> next(std::shared_ptr<Mailbox> box) {
    std::optional<Item> item;
    while (!box->take(item)) {
      const Wait wait{box.get()};
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
          wait, boost::asio::use_awaitable);
    }
    co_return item;
  }

  void close() noexcept {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      items_.clear();
    }
    wake(nullptr);
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  /// Begins a wait; its cancellation ends it.
  struct Wait {
    Mailbox* box;

    template <class Handler>
    void operator()(Handler&& handler) const {
      auto slot = boost::asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected()) {
        slot.assign([weak = box->weak_from_this()](boost::asio::cancellation_type) {
          const boost::system::system_error aborted(boost::asio::error::operation_aborted);
          if (const auto alive = weak.lock()) alive->wake(std::make_exception_ptr(aborted));
        });
      }
      box->wait(Answer::to(std::forward<Handler>(handler)));
    }
  };

  /// True when there is an item, or will be none any more.
  bool take(std::optional<Item>& item) {
    const std::lock_guard lock(mutex_);
    if (closed_) return true;
    if (items_.empty()) return false;
    item.emplace(std::move(items_.front()), dropped_ - std::exchange(reported_, dropped_));
    items_.pop_front();
    return true;
  }

  /// Answers at once when there is something to hear of.
  void wait(Answer answer) {
    {
      const std::lock_guard lock(mutex_);
      if (!closed_ && items_.empty()) {
        waiting_.emplace(std::move(answer));
        return;
      }
    }
    answer.give(nullptr);
  }

  void wake(std::exception_ptr error) {
    std::optional<Answer> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_);
    }
    if (waiting) waiting->give(std::move(error));
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<T> items_;
  std::optional<Answer> waiting_;
  std::uint64_t dropped_ = 0;
  std::uint64_t reported_ = 0;  // of the dropped
  bool closed_ = false;
};

}  // namespace comem
