#include "storage/health_board.hpp"

namespace comem::storage {

namespace {
constexpr std::size_t queue_capacity = 64;
}

void HealthBoard::link(RelayState state, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (machine_.link(state, reason, clock_.now())) tell();
}

void HealthBoard::caught_up(const std::string& ns, bool yes) {
  const std::lock_guard lock(mutex_);
  if (machine_.caught_up(ns, yes, clock_.now())) tell();
}

void HealthBoard::trouble(const std::string& ns, const std::string& words) {
  const std::lock_guard lock(mutex_);
  if (machine_.trouble(ns, words, clock_.now())) tell();
}

Health HealthBoard::now() const {
  const std::lock_guard lock(mutex_);
  return machine_.now();
}

std::shared_ptr<HealthQueue> HealthBoard::watch() {
  auto queue = std::make_shared<HealthQueue>(queue_capacity);
  const std::lock_guard lock(mutex_);
  if (closed_) {
    queue->close();
    return queue;
  }
  queue->push(machine_.now());
  std::erase_if(watches_, [](const auto& weak) { return weak.expired(); });
  watches_.push_back(queue);
  return queue;
}

void HealthBoard::tell() {
  for (const auto& weak : watches_)
    if (const auto queue = weak.lock()) queue->push(machine_.now());
}

void HealthBoard::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& weak : watches_)
    if (const auto queue = weak.lock()) queue->close();
}

}  // namespace comem::storage
