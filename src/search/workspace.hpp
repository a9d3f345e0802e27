#pragma once
// The memory that one search works in, kept for the next one: a number for every document, with what was
// touched remembered, so that neither looking through nor clearing costs more than was used.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "search/documents.hpp"

namespace comem::search {

class Workspace {
 public:
  /// Documents of a block are touched together.
  static constexpr DocumentNumber block = 64;
  static constexpr std::size_t margin = 8;  // on both sides of `heard`, so that no one looks for its ends

  void make_room(DocumentNumber end) {
    const std::size_t blocks = (end + block - 1) / block;
    scores_.resize(blocks * block);
    apart_.resize(blocks * block);
    heard_.resize(blocks * block + 2 * margin);
    touched_.resize((blocks + 63) / 64);
  }

  float& score(DocumentNumber number) noexcept { return scores_[number]; }
  float* scores() noexcept { return scores_.data(); }
  /// What of the term under way is heard in each document; all zero between terms.
  float* heard() noexcept { return heard_.data() + margin; }
  /// The same for scattered documents, in any order.
  float* apart() noexcept { return apart_.data(); }
  std::vector<DocumentNumber>& scattered() noexcept { return scattered_; }

  void touch(DocumentNumber first, DocumentNumber last) noexcept {
    for (DocumentNumber b = first / block; b <= last / block; ++b)
      touched_[b / 64] |= std::uint64_t{1} << (b % 64);
  }

  /// Calls visit(document, score) for every document of a score above `least`, which visit may raise.
  template <class Visit>
  void for_each_score(const float& least, Visit visit) const {
    for_each_touched([&](DocumentNumber first) {
      for (DocumentNumber number = first; number < first + block; ++number) {
        if (scores_[number] > least) visit(number, scores_[number]);
      }
    });
  }

  /// Forgets all scores.
  void clear() noexcept {
    for_each_touched([&](DocumentNumber first) { std::fill_n(scores_.begin() + first, block, 0.0f); });
    std::fill(touched_.begin(), touched_.end(), 0);
  }

 private:
  template <class Visit>
  void for_each_touched(Visit visit) const {
    for (std::size_t i = 0; i < touched_.size(); ++i) {
      for (std::uint64_t bits = touched_[i]; bits != 0; bits &= bits - 1) {
        const auto b = static_cast<DocumentNumber>(i * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
        visit(b * block);
      }
    }
  }

  std::vector<float> scores_, heard_, apart_;
  std::vector<std::uint64_t> touched_;  // a bit a block
  std::vector<DocumentNumber> scattered_;
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
