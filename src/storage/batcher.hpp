#pragma once
// When to send what waits: at once on an idle link, else when a batch is full or its oldest member has waited
// long enough. Decisions only.

#include <comem/clock.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace comem::storage {

class Batcher {
 public:
  Batcher(std::size_t full, Milliseconds delay, std::size_t max_in_flight)
      : full_(full), delay_(delay), max_in_flight_(max_in_flight) {}

  void added(std::size_t n, SteadyTime now) {
    if (n == 0) return;
    if (waiting_ == 0) oldest_ = now;
    waiting_ += n;
  }
  /// A batch of `n` left; what stays behind begins to wait anew.
  void sent(std::size_t n, SteadyTime now) {
    waiting_ -= std::min(n, waiting_);
    oldest_ = now;
    ++in_flight_;
  }
  void answered() { in_flight_ -= std::min<std::size_t>(1, in_flight_); }
  /// Of what waited, `n` were looked for and not found: they were written over, or went with other batches.
  void found_none_of(std::size_t n) { waiting_ -= std::min(n, waiting_); }

  bool ready(SteadyTime now) const {
    if (waiting_ == 0 || in_flight_ >= max_in_flight_) return false;
    return in_flight_ == 0 || waiting_ >= full_ || now - oldest_ >= delay_;
  }
  /// When ready() may turn true by time alone.
  std::optional<SteadyTime> due() const {
    if (waiting_ == 0 || in_flight_ == 0 || in_flight_ >= max_in_flight_) return std::nullopt;
    return oldest_ + delay_;
  }
  std::size_t waiting() const noexcept { return waiting_; }
  std::size_t in_flight() const noexcept { return in_flight_; }

 private:
  std::size_t full_;
  Milliseconds delay_;
  std::size_t max_in_flight_;
  std::size_t waiting_ = 0;
  std::size_t in_flight_ = 0;
  SteadyTime oldest_{};
};

}  // namespace comem::storage
