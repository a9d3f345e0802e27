#include "storage/namespace_sync.hpp"

#include <comem/error.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "storage/merge.hpp"
#include "storage/readable.hpp"
#include "storage/rejoin.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t pull_page_size = 500;
constexpr std::size_t most_carried = 256;  // hints with changes that wait for the store, of 4 KB at most
constexpr Milliseconds store_retry{500};
constexpr Milliseconds turn{30000};  // of each of two processes that share through different servers

/// Queues what the relay has lost and this store holds. It may be somebody else's: its author may be gone for
/// good.
void share_again(WriteTransaction& tx, const std::vector<RecordKey>& missing, TimePoint now) {
  for (const auto& key : missing) {
    const auto held = readable(tx, key);
    if (held && !held->expired(now)) tx.share(key);
  }
}

}  // namespace

NamespaceSync::NamespaceSync(std::string ns, Store& store, Relay& relay, const Options& options,
                             const Clock& clock, TaskScope& scope, std::function<void()> on_pulled,
                             std::function<void(std::string)> on_trouble)
    : ns_(std::move(ns)),
      store_(store),
      relay_(relay),
      options_(options),
      clock_(clock),
      scope_(scope),
      on_pulled_(std::move(on_pulled)),
      on_trouble_(std::move(on_trouble)),
      machine_(options.batch_size, options.batch_delay),
      waiters_(scope.executor()),
      changed_(scope.executor()) {}

void NamespaceSync::start() {
  relay_.watch(ns_);
  if (on_caught_up_) on_caught_up_(false);
  link(is_linked(relay_.state()));
  scope_.spawn(run());
}

void NamespaceSync::report(const std::string& doing, const std::string& why) {
  if (options_.log && !scope_.cancelled())
    options_.log(LogLevel::warning, fmt::format("sharing: {} failed: {}", doing, why));
}

void NamespaceSync::link(bool up) {
  fresh_.keep(up);
  machine_.link(up, clock_.steady());
  tell_caught_up();
  changed_.notify();
}

void NamespaceSync::hint(Hint hint) {
  machine_.hint(hint.position, clock_.steady());
  // Our own writes come back too; the answer to their push tells more.
  const bool ours = std::any_of(hint.records.begin(), hint.records.end(), [this](const Record& record) {
    return record.version.store == store_.store_id();
  });
  const bool room = carried_.size() < most_carried;  // else a pull brings it, a page at a time
  if (!ours && room && !hint.records.empty() && machine_.follows(hint.position, hint.records.size())) {
    machine_.advanced(hint.position);
    carried_.push_back(std::move(hint));
    if (!taking_) taking_ = scope_.spawn(take_carried());
  }
  changed_.notify();
}

asio::awaitable<void> NamespaceSync::take_carried() {
  while (!carried_.empty() && !scope_.cancelled()) {
    std::vector<Record> records;
    std::string epoch = carried_.front().position.epoch;
    for (auto& hint : std::exchange(carried_, {})) {
      if (hint.position.epoch != epoch) continue;  // of a relay that is no more
      std::move(hint.records.begin(), hint.records.end(), std::back_inserter(records));
    }
    try {
      auto taking = take(std::move(records), std::move(epoch), {});
      const bool changed = co_await std::move(taking);
      if (changed) on_pulled_();
    } catch (const std::exception& error) {
      report("taking in changes", error.what());
      machine_.lost();
      changed_.notify();
    }
  }
  taking_ = false;
}

void NamespaceSync::written(std::size_t rows) {
  machine_.written(rows, clock_.steady());
  changed_.notify();
}

void NamespaceSync::give_up() {
  waiters_.give_up();
  changed_.notify();
}

void NamespaceSync::tell_caught_up() {
  if (machine_.caught_up() == told_caught_up_) return;
  told_caught_up_ = machine_.caught_up();
  if (on_caught_up_) on_caught_up_(told_caught_up_);
}

void NamespaceSync::note_trouble(const std::string& reason) {
  if (reason == trouble_) return;
  trouble_ = reason;
  on_trouble_(trouble_);
  if (!reason.empty()) report("a request", reason);
}

asio::awaitable<void> NamespaceSync::note_opening() {
  std::uint64_t last = 0;
  ReadFunction read = [&last](ReadTransaction& tx) { last = tx.last_change(); };
  co_await store_.read(std::move(read));
  takeover_.opened_at(last);
  opened_ = true;
}

asio::awaitable<void> NamespaceSync::run() {
  while (!scope_.cancelled()) {
    bool failed = false;
    try {
      if (!opened_) co_await note_opening();
      if (clock_.steady() >= settle_at_) {
        settle_at_ = SteadyTime::max();
        scope_.spawn(settle());
      }
      co_await step(machine_.next(clock_.steady()));
    } catch (const std::exception& error) {  // the store: it may recover, and sharing then goes on
      report("reading the outbox", error.what());
      failed = true;
    }
    if (failed) co_await changed_.wait(clock_.steady() + store_retry);
  }
}

asio::awaitable<void> NamespaceSync::step(SyncStep next) {
  switch (next.kind) {
    case SyncStep::Kind::wait:
      co_await changed_.wait(std::min(next.until, settle_at_));
      break;
    case SyncStep::Kind::pull:
      machine_.pull_started();
      scope_.spawn(pull());
      break;
    case SyncStep::Kind::push:
      co_await push(next);
      break;
  }
}

asio::awaitable<void> NamespaceSync::pull() {
  try {
    co_await pull_page();
  } catch (const std::exception& error) {
    report("taking in changes", error.what());
    pull_failed();
  }
  tell_caught_up();
  changed_.notify();
}

void NamespaceSync::pull_failed() {
  machine_.pull_ended(false, {}, false, clock_.steady());
}

bool NamespaceSync::waits_for_other(const Position& stored, const Position& relay) {
  const bool moved = !stored.epoch.empty() && stored.epoch != relay.epoch &&
                     machine_.position().epoch == relay.epoch && machine_.caught_up();
  if (!moved) return false;
  const SteadyTime now = clock_.steady();
  if (anew_not_before_ == SteadyTime{}) anew_not_before_ = now + turn;
  note_trouble("another process on this database shares through another Redis; name the same one for all");
  if (now < anew_not_before_) return true;
  anew_not_before_ = {};
  return false;
}

asio::awaitable<void> NamespaceSync::pull_page() {
  co_await settle();  // the position moves with it
  Position position;
  ReadFunction look = [&](ReadTransaction& tx) {
    position = tx.position(ns_);
    in_step_at_ = tx.in_step_at(ns_);
  };
  co_await store_.read(std::move(look));
  PullReply reply = co_await relay_.pull(ns_, position, pull_page_size);
  const bool away =
      !position.epoch.empty() && away_too_long(in_step_at_, clock_.now(), options_.tombstone_ttl);
  if (!reply.answered) {
    if (machine_.up()) note_trouble(reply.reason);
    pull_failed();
  } else if (waits_for_other(position, reply.position)) {
    pull_failed();
  } else if (reply.position.epoch != position.epoch || reply.position.seq < position.seq) {
    co_await begin_anew(std::move(reply), away);
  } else {
    co_await take_page(std::move(reply), std::move(position), away);
  }
}

asio::awaitable<void> NamespaceSync::begin_anew(PullReply reply, bool away) {
  // Another relay, or one that lost data: all that we hold is queued again, and all that it holds is pulled.
  // Queue and position change together, so that a crash in between repeats this instead of skipping it. A
  // store that was away for too long may hold what others have deleted and forgotten: it queues nothing but
  // what waited already, unless the relay is empty and must be filled again.
  const Position start(std::move(reply.position.epoch), 0);
  const bool empty = reply.records.empty() && reply.position.seq == 0;
  const bool queue_all = !away || empty;
  WriteFunction write = [&](WriteTransaction& tx) {
    if (queue_all) tx.share_all(ns_);
    if (away && empty) tx.set_in_step_at(ns_, clock_.now());
    tx.set_position(ns_, start);
  };
  co_await store_.write(std::move(write), Durability::process);
  machine_.relay_changed(start, clock_.steady());
}

asio::awaitable<bool> NamespaceSync::take(std::vector<Record> records, std::string epoch,
                                          WriteFunction also) {
  skipped_.fetch_add(drop_unreadable(records), std::memory_order_relaxed);
  const TimePoint now = clock_.now();
  bool changed = false;
  WriteFunction write = [&](WriteTransaction& tx) {
    changed = false;
    // What came from a relay that is no more is not what the one in its place holds.
    if (tx.position(ns_).epoch != epoch) return;
    for (const auto& record : records) {
      const Merged merged = merge_remote(tx, record, now);
      changed = changed || merged.changed;
    }
    if (also) also(tx);
  };
  co_await store_.write(std::move(write), Durability::process);
  co_return changed;
}

asio::awaitable<void> NamespaceSync::take_page(PullReply reply, Position asked, bool away) {
  const TimePoint now = clock_.now();
  const bool complete = !reply.more;
  const Milliseconds interval = in_step_interval(options_.tombstone_ttl);
  const bool note_step = complete && !away && (now < in_step_at_ || now - in_step_at_ >= interval);
  WriteFunction also = [&](WriteTransaction& tx) {
    if (!away) share_again(tx, reply.missing, now);
    // Another process on this file may have come further.
    if (tx.position(ns_).seq < reply.position.seq) tx.set_position(ns_, reply.position);
    if (note_step) tx.set_in_step_at(ns_, now);
  };
  bool changed = false;
  if (!reply.records.empty() || !reply.missing.empty() || reply.position != asked || note_step) {
    auto taking = take(std::move(reply.records), reply.position.epoch, std::move(also));
    changed = co_await std::move(taking);
  }
  if (complete && away) {
    const bool rejoined = co_await drop_what_relay_lacks(ns_, reply.position.epoch, store_, relay_, clock_);
    if (!rejoined) co_return pull_failed();
    changed = true;
  }
  machine_.pull_ended(true, reply.position, reply.more, clock_.steady());
  if (changed) on_pulled_();
}

asio::awaitable<std::optional<std::string>> NamespaceSync::shared(RecordKey key, std::uint64_t change,
                                                                  SteadyTime deadline) {
  if (refused_.contains(change)) co_return std::nullopt;  // it was answered before anybody came to wait
  std::optional<std::string> epoch = co_await waiters_.wait(std::move(key), change, deadline);
  co_return epoch;
}

asio::awaitable<bool> NamespaceSync::replicated(std::string epoch, SteadyTime deadline) {
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline - clock_.steady());
  if (left <= Milliseconds::zero()) co_return false;
  const bool held = co_await relay_.replicated(ns_, std::move(epoch), options_.replicas, left);
  co_return held;
}

asio::awaitable<bool> NamespaceSync::flushed(SteadyTime deadline, bool while_up) {
  std::uint64_t mark = 0;
  std::string epoch = "none yet";
  for (;;) {
    co_await settle();
    // The first row that is not known to be refused tells how far sharing has come: rows stand in the order
    // of change.
    std::uint64_t first = 0;
    bool some_refused = false;
    const std::set<std::uint64_t> refused = refused_;  // the read runs on another thread
    ReadFunction look = [&](ReadTransaction& tx) {
      // A relay that begins anew gets every record again, under new numbers.
      if (std::string now = tx.position(ns_).epoch; now != epoch) {
        epoch = std::move(now);
        mark = tx.last_change();
      }
      for (const auto& row : tx.outbox(ns_, 0, "", 0, refused.size() + 1)) {
        if (row.change > mark) break;
        if (refused.contains(row.change)) {
          some_refused = true;
          continue;
        }
        first = row.change;
        break;
      }
    };
    co_await store_.read(std::move(look));
    if (first == 0) co_return !some_refused;
    const bool hopeless = while_up && relay_.state() == RelayState::down;
    if (hopeless || scope_.cancelled() || clock_.steady() >= deadline) co_return false;
    // Woken by progress; rows of other processes are acknowledged without a word, so look again now and then.
    const SteadyTime look_again = std::min<SteadyTime>(deadline, clock_.steady() + Milliseconds(50));
    co_await changed_.wait(look_again);
  }
}

asio::awaitable<bool> NamespaceSync::caught_up(SteadyTime deadline) {
  while (!machine_.caught_up() && relay_.state() != RelayState::down && !scope_.cancelled() &&
         clock_.steady() < deadline)
    co_await changed_.wait(deadline);
  co_return machine_.caught_up();
}

}  // namespace comem::storage
