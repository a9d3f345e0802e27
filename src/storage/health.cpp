#include "storage/health.hpp"

#include <utility>

namespace comem {

HealthWatch::HealthWatch(std::shared_ptr<HealthQueue> queue) noexcept : queue_(std::move(queue)) {}
HealthWatch::HealthWatch(HealthWatch&&) noexcept = default;

HealthWatch& HealthWatch::operator=(HealthWatch&& other) noexcept {
  if (this != &other) {
    close();
    queue_ = std::move(other.queue_);
  }
  return *this;
}

HealthWatch::~HealthWatch() {
  close();
}

boost::asio::awaitable<std::optional<Health>> HealthWatch::next() {
  std::shared_ptr<Mailbox<Health>> box = queue_;
  std::optional<HealthQueue::Item> item = co_await Mailbox<Health>::next(std::move(box));
  std::optional<Health> health;
  if (item) health = std::move(item->value);
  co_return health;
}

void HealthWatch::close() noexcept {
  if (queue_) queue_->close();
}

namespace storage {

bool HealthMachine::link(RelayState state, std::string reason, TimePoint now) {
  link_ = state;
  link_reason_ = std::move(reason);
  return update(now);
}

bool HealthMachine::caught_up(const std::string& ns, bool yes, TimePoint now) {
  if (yes)
    behind_.erase(ns);
  else
    behind_.insert(ns);
  return update(now);
}

bool HealthMachine::trouble(const std::string& ns, const std::string& words, TimePoint now) {
  if (words.empty())
    troubles_.erase(ns);
  else
    troubles_[ns] = words;
  return update(now);
}

bool HealthMachine::update(TimePoint now) {
  Health next;
  next.state = link_ == RelayState::up && !behind_.empty() ? RelayState::catching_up : link_;
  next.reason = link_reason_;
  if (next.reason.empty() && is_linked(next.state) && !troubles_.empty())
    next.reason = troubles_.begin()->second;
  const bool same = next.state == health_.state && next.reason == health_.reason;
  if (same) return false;
  next.since = next.state == health_.state ? health_.since : now;
  health_ = std::move(next);
  return true;
}

}  // namespace storage
}  // namespace comem
