// The half of NamespaceSync that brings the outbox to the relay.

#include <comem/error.hpp>

#include <algorithm>
#include <utility>

#include "storage/namespace_sync.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t push_page_size = 500;
constexpr std::size_t probe_size = 16;
constexpr std::size_t most_acknowledging = 2;  // pages at a time
// Each transaction stands in the way of the next save, so small batches share one.
constexpr Milliseconds settle_delay{50};
constexpr std::size_t small_page = 100;       // rows
constexpr std::size_t most_unsettled = 1000;  // rows

/// Takes the records out of the rows, which keep their keys.
std::vector<Record> records_of(std::vector<OutboxRow>& rows) {
  std::vector<Record> records;
  records.reserve(rows.size());
  for (auto& row : rows) {
    RecordKey key = row.record.key;
    records.push_back(std::exchange(row.record, Record()));
    row.record.key = std::move(key);
  }
  return records;
}

std::uint64_t applied_in(const PushReply& reply) {
  const auto count = std::count(reply.statuses.begin(), reply.statuses.end(), PushStatus::applied);
  return static_cast<std::uint64_t>(count);
}

bool accepted(PushStatus status) {
  return status == PushStatus::applied || status == PushStatus::superseded;
}

}  // namespace

asio::awaitable<void> NamespaceSync::push(SyncStep step) {
  if (step.from_start && !step.probe) {
    sent_through_ = 0;
    refused_.clear();  // what is still refused will be so again
  }
  const std::uint64_t after = step.probe ? 0 : sent_through_;
  const std::size_t waited = machine_.waiting();
  const std::uint64_t restarts = machine_.restarts();
  if (step.from_start) {
    co_await settle();  // what was shared must not be found in the outbox again
    co_await look_at_others();
  }
  // While a sweep goes on, whatever is sent is a page of it, or rows of others would be passed over.
  const bool sweeping = step.sweep || machine_.sweeping();
  const OutboxPlace place(after, sweeping ? others_through_ : 0, restarts);
  auto finding = page_of(step, sweeping, place);
  OutboxPage page = co_await std::move(finding);
  if (step.sweep && restarts != machine_.restarts()) co_return;  // it must begin anew
  if (!step.probe) {
    sent_through_ = page.through;
    fresh_.passed(page.through);
  }
  if (page.rows.empty()) {
    machine_.push_found_nothing(waited, step.sweep, clock_.steady());
    changed_.notify();
    co_return;
  }
  const bool read_on = step.sweep && !step.probe && page.more;
  machine_.push_started(page.rows.size(), waited, step.sweep, read_on, clock_.steady());
  scope_.spawn(send(std::move(page), step));
  if (!read_on) co_return;
  // A long outbox: the next page is read while this one is on its way.
  const OutboxPlace next(sent_through_, others_through_, restarts);
  auto read = outbox_page(next, push_page_size);
  OutboxPage ahead = co_await std::move(read);
  ahead_.emplace(next, std::move(ahead));
}

asio::awaitable<OutboxPage> NamespaceSync::page_of(SyncStep step, bool sweeping, OutboxPlace place) {
  auto ahead = std::exchange(ahead_, std::nullopt);
  if (sweeping) {
    if (ahead && ahead->first == place) co_return std::move(ahead->second);
  } else if (auto fresh = fresh_.page(place.after, push_page_size)) {
    co_return *std::move(fresh);
  }
  auto read = outbox_page(place, step.probe ? probe_size : push_page_size);
  OutboxPage page = co_await std::move(read);
  co_return page;
}

asio::awaitable<void> NamespaceSync::look_at_others() {
  std::uint64_t first = 0, last = 0;
  ReadFunction read = [&](ReadTransaction& tx) {
    first = tx.first_of_others(ns_, store_.process_id());
    last = tx.last_change();
  };
  co_await store_.read(std::move(read));
  others_through_ = takeover_.look(first, last, clock_.steady());
  machine_.leaves_rows(takeover_.watching());
}

asio::awaitable<OutboxPage> NamespaceSync::outbox_page(OutboxPlace place, std::size_t limit) {
  OutboxPage page;
  ReadFunction read = [&](ReadTransaction& tx) {
    page = read_outbox(tx, ns_, place.after, store_.process_id(), place.others_through, limit);
  };
  co_await store_.read(std::move(read));
  co_return page;
}

asio::awaitable<void> NamespaceSync::send(OutboxPage page, SyncStep step) {
  PushReply reply;
  try {
    // What others are told of must not be undone here by a loss of power.
    co_await store_.sync(page.rows.back().change);
    std::vector<Record> records = records_of(page.rows);
    reply = co_await relay_.push(ns_, std::move(records));
  } catch (const Error& error) {  // nothing was sent, so the rows will be pushed again
    report("sharing what waits", error.what());
    machine_.push_ended(false, step.sweep, true, false, clock_.steady());
    changed_.notify();
    co_return;
  }
  reply.statuses.resize(page.rows.size(), PushStatus::unknown);
  const Position reached = position_after(reply);
  const bool refused = tell_waiters(page, reply);
  machine_.advanced(reached);
  if (step.sweep) {  // the next page goes while this one is taken out of the outbox
    while (acknowledging_ >= most_acknowledging && !scope_.cancelled())
      co_await changed_.wait(SteadyTime::max());
    end_push(page, reply, step, refused);
  }
  changed_.notify();
  Shared shared{std::move(page), std::move(reply), std::move(reached)};
  if (step.sweep || shared.page.rows.size() >= small_page) {
    const std::span<const Shared> one(&shared, 1);
    ++acknowledging_;
    co_await acknowledge(one);
    --acknowledging_;
    // What is written at this moment goes in one batch: to send it sooner would make more and smaller ones.
    if (!step.sweep) end_push(shared.page, shared.reply, step, refused);
  } else {
    end_push(shared.page, shared.reply, step, refused);
    settle_later(std::move(shared));
  }
  changed_.notify();
}

void NamespaceSync::settle_later(Shared shared) {
  if (unsettled_.empty()) settle_at_ = clock_.steady() + settle_delay;
  unsettled_rows_ += shared.page.rows.size();
  unsettled_.push_back(std::move(shared));
  if (unsettled_rows_ >= most_unsettled) settle_at_ = clock_.steady();
}

asio::awaitable<void> NamespaceSync::settle() {
  while (settling_ && !scope_.cancelled()) co_await changed_.wait(SteadyTime::max());
  if (unsettled_.empty()) co_return;
  settling_ = true;
  const auto part = std::exchange(unsettled_, {});
  unsettled_rows_ = 0;
  settle_at_ = SteadyTime::max();
  const std::span<const Shared> all(part);
  co_await acknowledge(all);
  settling_ = false;
  changed_.notify();
}

Position NamespaceSync::position_after(const PushReply& reply) const {
  const Position& before = machine_.position();
  const bool alone = !reply.merged && reply.position.epoch == before.epoch &&
                     reply.position.seq == before.seq + applied_in(reply);
  return alone ? reply.position : Position();
}

bool NamespaceSync::tell_waiters(const OutboxPage& page, const PushReply& reply) {
  bool any_refused = false;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const auto& row = page.rows[i];
    const PushStatus status = reply.statuses[i];
    // What was not answered stays in the outbox; its waiters wait on, perhaps for a reconnect.
    if (status == PushStatus::not_sent || status == PushStatus::unknown) continue;
    waiters_.settle(row.record.key, row.change,
                    accepted(status) ? std::optional(reply.position.epoch) : std::nullopt);
    if (accepted(status)) {
      refused_.erase(row.change);
    } else {
      refused_.insert(row.change);
      any_refused = true;
    }
  }
  const bool contested = anew_not_before_ != SteadyTime{};
  if (any_refused || !contested) note_trouble(any_refused ? reply.reason : std::string());
  return any_refused;
}

void NamespaceSync::end_push(const OutboxPage& page, const PushReply& reply, SyncStep step, bool refused) {
  const auto& statuses = reply.statuses;
  const bool any_accepted = std::any_of(statuses.begin(), statuses.end(), accepted);
  const bool answered = std::none_of(statuses.begin(), statuses.end(), [](PushStatus status) {
    return status == PushStatus::not_sent || status == PushStatus::unknown;
  });
  // A probe that met nothing but refusals ends there; else the sweep goes on behind it.
  const bool in_vain = step.probe && !any_accepted;
  if (step.probe && !in_vain) sent_through_ = page.through;
  machine_.push_ended(answered, step.sweep, in_vain || !page.more, refused, clock_.steady(), step.probe);
}

asio::awaitable<void> NamespaceSync::acknowledge(std::span<const Shared> all) {
  WriteFunction write = [&](WriteTransaction& tx) {
    for (const auto& [page, reply, reached] : all) {
      for (std::size_t i = 0; i < page.rows.size(); ++i)
        if (accepted(reply.statuses[i])) tx.acknowledge(page.rows[i].record.key, page.rows[i].change);
      // What lies between came with hints, perhaps, and was not pulled: then a pull begins there.
      const Position stored = tx.position(ns_);
      if (!reached.epoch.empty() && stored.epoch == reached.epoch &&
          stored.seq + applied_in(reply) == reached.seq)
        tx.set_position(ns_, reached);
    }
  };
  const auto none_accepted = [](const Shared& one) {
    return std::none_of(one.reply.statuses.begin(), one.reply.statuses.end(), accepted);
  };
  if (std::all_of(all.begin(), all.end(), none_accepted)) co_return;
  try {
    co_await store_.write(std::move(write), Durability::process);
  } catch (const std::exception& error) {  // the rows will be pushed again, which is harmless
    report("taking what was shared out of the outbox", error.what());
  }
}

}  // namespace comem::storage
