#pragma once
// From when on a process shares what other processes on its file have left in the outbox.

#include <comem/clock.hpp>

#include <cstdint>

namespace comem::storage {

/// A state machine without I/O. Rows are their own process's to share for as long as that gets on: the first
/// of them moves, since rows go in their order. One that stood still for `patience` belongs to a process that
/// is dead or stuck. Nothing depends on clocks that can be set, and a process that is slow under load is not
/// helped by another one that does its work again.
class Takeover {
 public:
  static constexpr Milliseconds patience{1000};

  /// Changes up to this one were queued before this process began: it waits for nobody with them.
  void opened_at(std::uint64_t last_change) noexcept { left_behind_ = last_change; }

  /// At the start of a sweep: `first` is the change of the first row of another process (0: none),
  /// `last_change` that of the store's last one. Answers up to which change rows of others are to be sent.
  std::uint64_t look(std::uint64_t first, std::uint64_t last_change, SteadyTime now) noexcept;

  /// Whether rows were left to another process: then look again after `patience`.
  bool watching() const noexcept { return watching_; }

 private:
  std::uint64_t left_behind_ = 0;
  std::uint64_t first_ = 0;  // stood first
  SteadyTime since_{};       // at this time,
  std::uint64_t last_ = 0;   // when this was the store's last change
  bool watching_ = false;
};

}  // namespace comem::storage
