#include "storage/sync_machine.hpp"

#include <algorithm>

#include "storage/takeover.hpp"

namespace comem::storage {

namespace {
constexpr std::size_t max_in_flight = 4;
constexpr std::size_t pages_in_flight = 2;  // of a sweep: the relay has the next when it has answered one
}  // namespace

SyncMachine::SyncMachine(std::size_t batch_size, Milliseconds batch_delay)
    : batcher_(batch_size, batch_delay, max_in_flight) {}

bool SyncMachine::hint_ahead() const {
  return !hint_.epoch.empty() && (hint_.epoch != position_.epoch || hint_.seq > position_.seq);
}

SyncStep SyncMachine::next(SteadyTime now) const {
  SyncStep step;
  if (!up_) return step;
  const bool idle = batcher_.in_flight() == 0;
  const SteadyTime echo_until = idle ? now : hint_at_ + echo_patience;
  SteadyTime pull_at = heard_at_ + heartbeat;
  if (hint_ahead()) pull_at = std::min(pull_at, echo_until);
  if (pull_first_ || more_) pull_at = now;
  pull_at = std::max(pull_at, pull_not_before_);
  if (!pulling_ && pull_at <= now) {
    step.kind = SyncStep::Kind::pull;
    return step;
  }
  if (!pulling_) step.until = pull_at;
  if (pull_first_) return step;  // pulling: its end decides
  const bool next_page = sweep_goes_on_ && batcher_.in_flight() < pages_in_flight;
  if (next_page || (idle && sweep_at_ <= now)) {
    step.kind = SyncStep::Kind::push;
    step.sweep = true;
    step.from_start = !sweep_goes_on_;
    step.probe = step.from_start && now < full_sweep_at_;
    return step;
  }
  if (batcher_.ready(now)) {
    step.kind = SyncStep::Kind::push;
    return step;
  }
  if (idle) step.until = std::min(step.until, sweep_at_);
  if (const auto due = batcher_.due()) step.until = std::min(step.until, *due);
  return step;
}

void SyncMachine::link(bool up, SteadyTime now) {
  if (up == up_) return;
  up_ = up;
  pull_first_ = true;
  more_ = false;
  if (up) {
    heard_at_ = now;
    pull_not_before_ = now;
    schedule_sweep(now, true);
  }
}

void SyncMachine::written(std::size_t rows, SteadyTime now) {
  batcher_.added(rows, now);
}

void SyncMachine::hint(const Position& position, SteadyTime now) {
  if (!hint_ahead()) hint_at_ = now;
  if (position.epoch != hint_.epoch || position.seq > hint_.seq) hint_ = position;
}

void SyncMachine::pull_started() {
  pulling_ = true;
}

void SyncMachine::pull_ended(bool answered, const Position& position, bool more, SteadyTime now) {
  pulling_ = false;
  heard_at_ = now;
  if (!answered) {
    pull_not_before_ = now + pull_retry;
    return;
  }
  position_ = position;
  more_ = more;
  if (!more) pull_first_ = false;
  if (hint_.epoch != position_.epoch)
    hint_ = {};  // of a relay that is no more, or of one that the next pull meets
}

void SyncMachine::relay_changed(const Position& position, SteadyTime now) {
  pulling_ = false;
  heard_at_ = now;
  position_ = position;
  hint_ = {};
  pull_first_ = true;
  schedule_sweep(now, true);
}

void SyncMachine::push_started(std::size_t rows, std::size_t waited, bool sweep, bool more, SteadyTime now) {
  batcher_.sent(std::min(rows, waited), now);
  if (!sweep) return;
  sweep_goes_on_ = more;
  restarted_ = false;
}

Milliseconds SyncMachine::until_next_sweep() const noexcept {
  return leaves_rows_ ? Takeover::patience : heartbeat;
}

void SyncMachine::push_found_nothing(std::size_t waited, bool sweep, SteadyTime now) {
  batcher_.found_none_of(waited);
  if (!sweep) return;
  sweep_goes_on_ = false;
  restarted_ = false;
  schedule_sweep(now + until_next_sweep(), false);
}

void SyncMachine::push_ended(bool answered, bool sweep, bool last_page, bool refused, SteadyTime now,
                             bool probe) {
  batcher_.answered();
  if (restarted_) return;  // it was sent before, and must not put off the sweep that is due now
  if (!refused) {
    sweep_interval_ = heartbeat;
    full_sweep_at_ = now;
  } else if (sweep && now >= full_sweep_at_) {
    sweep_interval_ = std::min(sweep_interval_ * 2, max_sweep_interval);
    full_sweep_at_ = now + sweep_interval_;
  }
  if (sweep && (!answered || last_page)) sweep_goes_on_ = false;
  if (sweep && probe && answered && !last_page) sweep_goes_on_ = true;
  if (!answered || (sweep && last_page)) schedule_sweep(now + until_next_sweep(), false);
}

void SyncMachine::advanced(const Position& position) {
  if (position.epoch == position_.epoch && position.seq > position_.seq) position_ = position;
}

bool SyncMachine::follows(const Position& position, std::size_t changes) const {
  return caught_up() && !pulling_ && !more_ && position.epoch == position_.epoch &&
         position.seq == position_.seq + changes;
}

void SyncMachine::schedule_sweep(SteadyTime when, bool restart) {
  sweep_at_ = when;
  if (restart) {
    restarted_ = true;
    ++restarts_;
    sweep_goes_on_ = false;
    sweep_interval_ = heartbeat;
    full_sweep_at_ = when;
  }
}

}  // namespace comem::storage
