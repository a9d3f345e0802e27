#pragma once
// How long a commit that is synced stays open for more writes. Those who were answered by the last one mostly
// write again at once; a commit that begins with the first of them would leave all others to the next, and
// each sync would serve half of the callers. Decisions only.

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace comem::sqlite {

class GroupWindow {
 public:
  using Duration = std::chrono::nanoseconds;
  using Moment = std::chrono::steady_clock::time_point;

  /// A synced commit of `callers` writes that took `sync` was answered at `now`; `waiting` more had come by
  /// then.
  void synced(std::size_t callers, std::size_t waiting, Duration sync, Moment now) noexcept {
    expected_ = callers + waiting;
    pause_ = sync / 4;
    ends_ = now + sync;
  }

  /// How many more to wait for when `come` are there: none, or as many as are worth a wake-up.
  std::size_t wanted(std::size_t come) const noexcept {
    return come >= expected_ ? 0 : std::min(expected_ - come, at_a_time);
  }
  /// Until when, if the last one came at `now`. Whoever comes back does so soon: a pause of a quarter of a
  /// sync means that the others stay away, and no group waits longer than its sync would take.
  Moment until(Moment now) const noexcept { return std::min(now + pause_, ends_); }

 private:
  static constexpr std::size_t at_a_time = 8;

  std::size_t expected_ = 0;
  Duration pause_{0};
  Moment ends_{};
};

}  // namespace comem::sqlite
