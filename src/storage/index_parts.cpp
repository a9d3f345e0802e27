#include "storage/index_parts.hpp"

#include <algorithm>
#include <system_error>
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

bool IndexParts::add(Page page) {
  if (parts_.size() < most_) start_another();
  if (!parts_.front().work.valid()) {
    take_(page, parts_.front().index);
    return true;
  }
  constexpr std::size_t enough = 2;  // pages may be large
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < enough || closed_; });
  if (closed_) return false;
  waiting_.push_back(std::move(page));
  changed_.notify_all();
  return true;
}

void IndexParts::start_another() {
  Part& part = parts_.emplace_back(parameters_);
  try {
    part.work = std::async(std::launch::async, [this, &part] { work(part.index); });
  } catch (const std::system_error&) {  // no more threads
    most_ = std::max<std::size_t>(1, parts_.size() - 1);
    if (parts_.size() > 1) parts_.pop_back();
  }
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

void IndexParts::finish() {
  close();
  for (Part& part : parts_)
    if (part.work.valid()) part.work.get();
}

void IndexParts::absorb_into(search::Index& index) {
  for (; !parts_.empty(); parts_.pop_front()) index.absorb(parts_.front().index);
}

}  // namespace comem::storage
