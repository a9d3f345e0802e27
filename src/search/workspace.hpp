#pragma once
// The memory that one search works in, kept for the next one.

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "search/blocks.hpp"
#include "search/bounds.hpp"
#include "search/documents.hpp"
#include "search/entries.hpp"

namespace comem::search {

class Workspace {
 public:
  void make_room(DocumentNumber end) {
    heard_.resize(end);
    asked_.resize(end);
  }

  /// Two numbers for each document, all zero between their uses.
  float* heard() noexcept { return heard_.data(); }
  float* asked() noexcept { return asked_.data(); }

  /// What was read of the i-th term.
  Entries& entries(std::size_t i) {
    while (entries_.size() <= i) entries_.emplace_back();
    return entries_[i];
  }
  Bounds& bounds() noexcept { return bounds_; }
  const Bounds& bounds() const noexcept { return bounds_; }
  /// Blocks that may hold one of the best.
  std::vector<BlockNumber>& open() noexcept { return open_; }

 private:
  std::vector<float> heard_, asked_;
  std::deque<Entries> entries_;
  Bounds bounds_;
  std::vector<BlockNumber> open_;
};

/// As many workspaces as there are searches at a time. Thread-safe.
class Workspaces {
 public:
  std::unique_ptr<Workspace> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Workspace>();
    auto workspace = std::move(idle_.back());
    idle_.pop_back();
    return workspace;
  }

  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(workspace));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace comem::search
