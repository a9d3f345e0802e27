#include "storage/index_parts.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace comem::storage {

IndexParts::IndexParts(const search::Parameters& parameters, Take take)
    : parameters_(parameters),
      take_(std::move(take)),
      most_(std::clamp(std::thread::hardware_concurrency(), 1u, 8u)) {}

IndexParts::~IndexParts() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }
  close();
}

void IndexParts::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void IndexParts::add(Page page) {
  if (parts_.size() < most_) start_another();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < most_ || closed_; });
  waiting_.push_back(std::move(page));
  changed_.notify_all();
}

void IndexParts::start_another() {
  Part& part = parts_.emplace_back(parameters_);
  part.work = std::async(std::launch::async, [this, &part] { work(part.index); });
}

void IndexParts::work(search::Index& index) {
  try {
    while (const auto page = next()) take_(*page, index);
  } catch (...) {
    close();  // nobody is to wait for this thread
    throw;
  }
}

std::optional<IndexParts::Page> IndexParts::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.empty() || closed_; });
  if (waiting_.empty()) return std::nullopt;
  Page page = std::move(waiting_.front());
  waiting_.pop_front();
  changed_.notify_all();
  return page;
}

void IndexParts::absorb_into(search::Index& index) {
  close();
  for (Part& part : parts_) part.work.get();
  for (; !parts_.empty(); parts_.pop_front()) index.absorb(parts_.front().index);
}

}  // namespace comem::storage
