#include "storage/rejoin.hpp"

#include <algorithm>
#include <memory>
#include <set>

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page_size = 1000;

using Keys = std::set<RecordKey>;

/// What the relay holds; nothing when it does not tell all.
asio::awaitable<std::shared_ptr<Keys>> held_by(std::string ns, std::string epoch, Relay& relay) {
  auto keys = std::make_shared<Keys>();
  Position after(epoch, 0);
  for (bool more = true; more;) {
    const DigestBuckets all;
    HeadPage page = co_await relay.heads(ns, after, TimePoint{}, all);
    if (!page.answered || page.position.epoch != epoch) co_return nullptr;
    for (auto& head : page.heads) keys->insert(std::move(head.key));
    after = page.position;
    more = page.more;
  }
  co_return keys;
}

/// Adds what waits to be shared, as far as it was queued after change `after`; answers the last change seen.
std::uint64_t add_queued(ReadTransaction& tx, const std::string& ns, std::uint64_t after, Keys& keys) {
  for (;;) {
    const auto rows = tx.outbox(ns, after, "", 0, page_size);
    for (const auto& row : rows) keys.insert(row.record.key);
    if (!rows.empty()) after = rows.back().change;
    if (!is_cut(rows, page_size)) return after;
  }
}

void forget_here(WriteTransaction& tx, Record record, TimePoint now) {
  const std::string store = record.version.store;
  record.version = Version{0, 0, store};
  record.deleted = true;
  record.value.clear();
  record.expires_at = now;
  record.counters = CounterSet();
  tx.put(record, false);
}

}  // namespace

bool away_too_long(TimePoint in_step_at, TimePoint now, Milliseconds tombstone_ttl) noexcept {
  return in_step_at != TimePoint{} && now - in_step_at > tombstone_ttl - tombstone_ttl / 10;
}

Milliseconds in_step_interval(Milliseconds tombstone_ttl) noexcept {
  return std::min<Milliseconds>(std::chrono::hours(1), tombstone_ttl / 24);
}

asio::awaitable<bool> drop_what_relay_lacks(std::string ns, std::string epoch, Store& store, Relay& relay,
                                            const Clock& clock) {
  // Before the relay is asked: what is written from now on stays, even when another process has shared it and
  // had it acknowledged by the time the relay has answered.
  Keys waiting;
  std::uint64_t end = 0;
  std::uint64_t queued = 0;  // the outbox is known up to this change
  ReadFunction look = [&](ReadTransaction& tx) {
    end = tx.last_change();
    queued = add_queued(tx, ns, 0, waiting);
  };
  co_await store.read(std::move(look));
  const std::shared_ptr<Keys> keep = co_await held_by(ns, std::move(epoch), relay);
  if (!keep) co_return false;
  keep->merge(waiting);
  std::uint64_t after = 0, next = 0;
  for (bool more = true; more; after = next) {
    WriteFunction drop = [&](WriteTransaction& tx) {
      queued = add_queued(tx, ns, queued, *keep);
      const auto records = tx.changes(ns, after, page_size);
      more = records.size() == page_size && records.back().change < end;
      for (const auto& record : records)
        if (record.change <= end && !keep->contains(record.key)) forget_here(tx, record, clock.now());
      next = records.empty() ? after : records.back().change;
      if (!more) tx.set_in_step_at(ns, clock.now());
    };
    co_await store.write(std::move(drop), Durability::process);
  }
  co_return true;
}

}  // namespace comem::storage
