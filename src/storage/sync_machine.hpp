#pragma once
// What to do next to keep one namespace in step with the relay: a state machine without I/O.

#include <comem/clock.hpp>

#include <cstddef>

#include "storage/batcher.hpp"
#include "storage/store.hpp"

namespace comem::storage {

struct SyncStep {
  enum class Kind { wait, pull, push } kind = Kind::wait;
  SteadyTime until = SteadyTime::max();  ///< wait: until then, or until something happens
  bool sweep = false;                    ///< push: rows included that other processes have left
  bool from_start = false;               ///< push: begin at the start of the outbox
  bool probe = false;                    ///< push: a few rows only, to see whether the relay still refuses
};

/// Feed it what happens, then ask next(). The rules:
/// - With the link down nothing is done. When it comes up: pull first (the relay may be another one), then
/// push all.
/// - What this process writes is pushed as the batcher says.
/// - A hint ahead of our position is pulled, unless it brings all that is between; while own pushes are in
/// flight it may be their echo, so it waits a little.
/// - Every two seconds without news: pull (hints may have been lost) and sweep the outbox (rows may have been
///   refused, or their process may have died). Sweeps that meet refusals become rarer, and probes take their
///   place.
class SyncMachine {
 public:
  SyncMachine(std::size_t batch_size, Milliseconds batch_delay);

  SyncStep next(SteadyTime now) const;

  void link(bool up, SteadyTime now);
  void written(std::size_t rows, SteadyTime now);
  void hint(const Position& position, SteadyTime now);

  void pull_started();
  /// `position`: how far the store has come; `more`: the relay has further pages.
  void pull_ended(bool answered, const Position& position, bool more, SteadyTime now);
  /// The relay has lost or replaced its data; the store has queued everything and begins again at `position`.
  void relay_changed(const Position& position, SteadyTime now);

  /// Of what this process wrote, so much waits. Note it before the outbox is read: what is written during the
  /// read may or may not be in it, and must not be forgotten.
  /// Whether a sweep has further pages to send.
  bool sweeping() const noexcept { return sweep_goes_on_; }
  std::size_t waiting() const noexcept { return batcher_.waiting(); }
  /// `rows` were found in the outbox, when `waited` waited. `more`: a sweep has further pages, and the next
  /// may go before this one is answered.
  void push_started(std::size_t rows, std::size_t waited, bool sweep, bool more, SteadyTime now);
  /// The outbox had no further rows to send.
  void push_found_nothing(std::size_t waited, bool sweep, SteadyTime now);
  /// `last_page`: no further rows are to be sent now. `refused`: the relay declined some. `probe`: it was
  /// one, and where it was not the last page the sweep goes on behind it.
  void push_ended(bool answered, bool sweep, bool last_page, bool refused, SteadyTime now,
                  bool probe = false);
  /// Whether the sweep that begins leaves rows to another process, which may be dead: then the next one comes
  /// sooner.
  void leaves_rows(bool any) noexcept { leaves_rows_ = any; }
  /// What happened on the relay up to `position` is here already: our own pushes, or what came with hints.
  /// The latter is believed until the next pull only, which begins where the store says.
  void advanced(const Position& position);
  /// Whether these are the next changes, and nothing is under way that may bring them too.
  bool follows(const Position& position, std::size_t changes) const;
  /// What came with hints could not be kept: it must be pulled.
  void lost() { more_ = true; }

  /// How often sweeping had to begin anew, for a new connection or another relay. A sweep that was chosen
  /// before the last time is void.
  std::uint64_t restarts() const noexcept { return restarts_; }
  const Position& position() const noexcept { return position_; }
  bool up() const noexcept { return up_; }
  /// True once everything that the relay held when the link came up has been taken in.
  bool caught_up() const noexcept { return up_ && !pull_first_; }

 private:
  bool hint_ahead() const;
  Milliseconds until_next_sweep() const noexcept;
  void schedule_sweep(SteadyTime when, bool restart);

  static constexpr Milliseconds heartbeat{2000};
  static constexpr Milliseconds max_sweep_interval{30000};
  static constexpr Milliseconds echo_patience{20};
  static constexpr Milliseconds pull_retry{500};

  Batcher batcher_;
  Position position_;
  Position hint_;
  SteadyTime hint_at_{};
  SteadyTime heard_at_{};
  SteadyTime pull_not_before_{};
  SteadyTime sweep_at_{};
  SteadyTime full_sweep_at_{};  // until then sweeps are probes
  Milliseconds sweep_interval_ = heartbeat;
  bool up_ = false;
  bool pulling_ = false;
  bool pull_first_ = true;  // before any push over a new connection
  bool more_ = false;
  bool sweep_goes_on_ = false;
  bool leaves_rows_ = false;
  bool restarted_ = false;  // and the sweep has not begun yet
  std::uint64_t restarts_ = 0;
};

}  // namespace comem::storage
