#include "storage/namespace_sync.hpp"

#include <comem/error.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "memory/codec.hpp"
#include "storage/merge.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t pull_page_size = 500;
constexpr std::size_t push_page_size = 500;
constexpr Milliseconds store_retry{500};
constexpr Milliseconds foreign_grace{1000};  // rows of other processes are theirs to push for this long

std::vector<Record> records_of(const std::vector<OutboxRow>& rows) {
  std::vector<Record> records;
  records.reserve(rows.size());
  for (const auto& row : rows) records.push_back(row.record);
  return records;
}

bool accepted(PushStatus status) {
  return status == PushStatus::applied || status == PushStatus::superseded;
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
  link(is_linked(relay_.state()));
  scope_.spawn(run());
}

void NamespaceSync::report(const std::string& doing, const std::string& why) {
  if (options_.log && !scope_.cancelled())
    options_.log(LogLevel::warning, fmt::format("sharing: {} failed: {}", doing, why));
}

void NamespaceSync::link(bool up) {
  machine_.link(up, clock_.steady());
  changed_.notify();
}

void NamespaceSync::hint(const Position& position) {
  machine_.hint(position, clock_.steady());
  changed_.notify();
}

void NamespaceSync::written(std::size_t rows) {
  machine_.written(rows, clock_.steady());
  changed_.notify();
}

void NamespaceSync::give_up() {
  waiters_.give_up();
  changed_.notify();
}

void NamespaceSync::note_trouble(const std::string& reason) {
  if (reason == trouble_) return;
  trouble_ = reason;
  on_trouble_(trouble_);
  if (!reason.empty()) report("a request", reason);
}

void NamespaceSync::drop_unreadable(std::vector<Record>& records) {
  const auto unreadable = [](const Record& record) {
    if (record.deleted) return false;
    try {
      memory::check_readable(record);
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  skipped_.fetch_add(std::erase_if(records, unreadable), std::memory_order_relaxed);
}

asio::awaitable<void> NamespaceSync::run() {
  while (!scope_.cancelled()) {
    bool failed = false;
    try {
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
      co_await changed_.wait(next.until);
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
    machine_.pull_ended(false, {}, false, clock_.steady());
  }
  changed_.notify();
}

asio::awaitable<void> NamespaceSync::pull_page() {
  Position position;
  ReadFunction read_position = [&](ReadTransaction& tx) { position = tx.position(ns_); };
  co_await store_.read(std::move(read_position));
  PullReply reply = co_await relay_.pull(ns_, position, pull_page_size);
  if (!reply.answered) {
    if (machine_.up()) note_trouble(reply.reason);
    machine_.pull_ended(false, {}, false, clock_.steady());
  } else if (reply.position.epoch != position.epoch || reply.position.seq < position.seq) {
    co_await begin_anew(std::move(reply.position.epoch));
  } else {
    co_await take_page(std::move(reply));
  }
}

asio::awaitable<void> NamespaceSync::begin_anew(std::string epoch) {
  // Another relay, or one that lost data: all that we hold is queued again, and all that it holds is pulled.
  // Queue and position change together, so that a crash in between repeats this instead of skipping it.
  const Position start(std::move(epoch), 0);
  WriteFunction write = [&](WriteTransaction& tx) {
    tx.share_all(ns_);
    tx.set_position(ns_, start);
  };
  co_await store_.write(std::move(write), Durability::process);
  machine_.relay_changed(start, clock_.steady());
}

asio::awaitable<void> NamespaceSync::take_page(PullReply reply) {
  drop_unreadable(reply.records);
  bool changed = false;
  WriteFunction write = [&](WriteTransaction& tx) {
    changed = false;
    const TimePoint now = clock_.now();
    for (const auto& record : reply.records) changed = merge_remote(tx, record, now) || changed;
    // Another process on this file may have come further.
    const Position stored = tx.position(ns_);
    if (stored.epoch == reply.position.epoch && stored.seq < reply.position.seq)
      tx.set_position(ns_, reply.position);
  };
  if (!reply.records.empty() || reply.position != machine_.position())
    co_await store_.write(std::move(write), Durability::process);
  machine_.pull_ended(true, reply.position, reply.more, clock_.steady());
  if (changed) on_pulled_();
}

asio::awaitable<void> NamespaceSync::push(SyncStep step) {
  if (step.from_start) {
    sent_through_ = 0;
    refused_.clear();  // what is still refused will be so again
  }
  const std::size_t waited = machine_.waiting();
  std::vector<OutboxRow> rows;
  TimePoint stale = no_expiry;
  if (step.sweep) stale = step.at_once ? TimePoint::max() : clock_.now() - foreign_grace;
  ReadFunction read_outbox = [&](ReadTransaction& tx) {
    rows = tx.outbox(ns_, sent_through_, store_.process_id(), stale, push_page_size);
  };
  co_await store_.read(std::move(read_outbox));
  if (rows.empty()) {
    machine_.push_found_nothing(waited, step.sweep, clock_.steady());
    changed_.notify();
    co_return;
  }
  sent_through_ = rows.back().change;
  machine_.push_started(rows.size(), waited, step.sweep, clock_.steady());
  scope_.spawn(send(std::move(rows), step.sweep));
}

asio::awaitable<void> NamespaceSync::send(std::vector<OutboxRow> rows, bool sweep) {
  std::vector<Record> records = records_of(rows);
  PushReply reply = co_await relay_.push(ns_, std::move(records));
  try {
    co_await settle(rows, std::move(reply), sweep);
  } catch (
      const Error& error) {  // not acknowledged here, so the rows will be pushed again, which is harmless
    report("noting what was shared", error.what());
    machine_.push_ended(false, sweep, true, false, clock_.steady());
  }
  changed_.notify();
}

Position NamespaceSync::position_after(const PushReply& reply) const {
  const auto applied = std::count(reply.statuses.begin(), reply.statuses.end(), PushStatus::applied);
  const Position& before = machine_.position();
  const bool alone = reply.position.epoch == before.epoch &&
                     reply.position.seq == before.seq + static_cast<std::uint64_t>(applied);
  return alone ? reply.position : Position();
}

asio::awaitable<void> NamespaceSync::settle(const std::vector<OutboxRow>& rows, PushReply reply, bool sweep) {
  reply.statuses.resize(rows.size(), PushStatus::unknown);
  const Position reached = position_after(reply);
  const bool any_accepted = std::any_of(reply.statuses.begin(), reply.statuses.end(), accepted);
  WriteFunction write = [&](WriteTransaction& tx) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (accepted(reply.statuses[i])) tx.acknowledge(rows[i].record.key, rows[i].change);
    const Position stored = tx.position(ns_);
    if (!reached.epoch.empty() && stored.epoch == reached.epoch && stored.seq < reached.seq)
      tx.set_position(ns_, reached);
  };
  if (any_accepted) co_await store_.write(std::move(write), Durability::process);

  bool answered = true;
  bool refused = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const PushStatus status = reply.statuses[i];
    refused = refused || status == PushStatus::refused;
    if (status == PushStatus::not_sent || status == PushStatus::unknown) {
      answered = false;  // stays in the outbox; its waiters wait on, perhaps for a reconnect
      continue;
    }
    waiters_.settle(rows[i].record.key, rows[i].change, accepted(status));
    if (accepted(status))
      refused_.erase(rows[i].change);
    else
      refused_.insert(rows[i].change);
  }
  note_trouble(refused ? reply.reason : std::string());
  machine_.advanced(reached);
  machine_.push_ended(answered, sweep, !is_cut(rows, push_page_size), refused, clock_.steady());
}

asio::awaitable<bool> NamespaceSync::shared(RecordKey key, std::uint64_t change, SteadyTime deadline) {
  const bool done = co_await waiters_.wait(std::move(key), change, deadline);
  co_return done;
}

asio::awaitable<bool> NamespaceSync::flushed(SteadyTime deadline, bool while_up) {
  std::uint64_t mark = 0;
  std::string epoch = "none yet";
  for (;;) {
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
      for (const auto& row : tx.outbox(ns_, 0, "", TimePoint::max(), refused.size() + 1)) {
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
