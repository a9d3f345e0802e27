#pragma once
// When a search still waits for the vector of its query, and when it does not. A state machine without I/O.

#include <comem/clock.hpp>

#include <algorithm>

namespace comem::vectors {

/// Closed: every search may wait. After three failures in a row it opens: searches go on without vectors at
/// once, and only one of them, after a pause that grows from 1 to 30 s, may try, without being waited for.
/// What that brings back in time closes it. For one thread at a time (the owner locks).
class Breaker {
 public:
  enum class Leave { wait, try_only, none };

  /// What a search may do now. After try_only, exactly one of succeeded() and failed() must follow.
  Leave ask(SteadyTime now) {
    if (failures_ < limit) return Leave::wait;
    if (trying_ || now < retry_at_) return Leave::none;
    trying_ = true;
    return Leave::try_only;
  }
  void succeeded() {
    failures_ = 0;
    pause_ = first_pause;
    trying_ = false;
  }
  /// No answer, or one that came too late.
  void failed(SteadyTime now) {
    const bool was_open = open();
    if (failures_ < limit) ++failures_;
    if (!open()) return;
    if (was_open && trying_) pause_ = std::min(pause_ * 2, longest_pause);
    trying_ = false;
    retry_at_ = now + pause_;
  }
  bool open() const noexcept { return failures_ >= limit; }

 private:
  static constexpr unsigned limit = 3;
  static constexpr Milliseconds first_pause{1000};
  static constexpr Milliseconds longest_pause{30000};

  unsigned failures_ = 0;
  bool trying_ = false;
  Milliseconds pause_ = first_pause;
  SteadyTime retry_at_{};
};

}  // namespace comem::vectors
