#include "storage/change_queue.hpp"

namespace comem {

namespace asio = boost::asio;

ChangeQueue::ChangeQueue(std::string agent, std::set<MemoryType> types, std::size_t capacity)
    : Mailbox(capacity),
      agent_(std::move(agent)),
      types_(types.empty() ? std::set<MemoryType>(long_term_types.begin(), long_term_types.end())
                           : std::move(types)) {}

bool ChangeQueue::wants(const Record& record) const {
  return record.writer != agent_ && types_.contains(record.key.type);
}

asio::awaitable<std::optional<Change>> ChangeQueue::next(std::shared_ptr<ChangeQueue> queue) {
  std::optional<Item> item = co_await Mailbox::next(std::move(queue));
  std::optional<Change> change;
  if (item) {
    change = std::move(item->value);
    change->dropped_before = item->dropped_before;
  }
  co_return change;
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
