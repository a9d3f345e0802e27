#pragma once
// The memory that one search works in, kept for the next one.

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "search/blocks.hpp"
#include "search/tally.hpp"

namespace comem::search {

struct Workspace {
  Tally tally;
  std::vector<BlockNumber> open;  ///< blocks that may hold one of the best
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
