#include "storage/merge.hpp"

#include <comem/error.hpp>

#include <algorithm>

namespace comem::storage {
namespace {

constexpr Milliseconds tombstone_margin =
    std::chrono::hours(1);  // clocks of other stores may be this far behind

bool says_the_same(const Record& a, const Record& b) {
  return a.value == b.value && a.expires_at == b.expires_at && a.lookup == b.lookup && a.deleted == b.deleted;
}

/// Whether `after` counts nothing more than `before` but reads, which neither searches nor subscribers heed.
bool only_reads_grew(const CounterSet& before, const CounterSet& after) {
  const auto& known = before.shares();
  return std::all_of(after.shares().begin(), after.shares().end(), [&](const auto& share) {
    const auto& [key, value] = share;
    if (key[0] == static_cast<char>(Counter::accesses) ||
        key[0] == static_cast<char>(Counter::last_access_ms))
      return true;
    const auto place = known.find(key);
    return place != known.end() && place->second >= value;
  });
}

}  // namespace

std::optional<Record> readable(ReadTransaction& tx, const RecordKey& key) {
  try {
    return tx.get(key);
  } catch (const Error& error) {
    if (error.code() != errc::corrupt) throw;
    return std::nullopt;
  }
}

Applied put_local(WriteTransaction& tx, Record draft, const std::optional<Record>& existing) {
  Applied applied;
  draft.counters = existing ? existing->counters : CounterSet{};
  if (existing && says_the_same(*existing, draft)) {
    applied.version = existing->version;
    return applied;
  }
  draft.version = tx.stamp(existing ? existing->version : Version{});
  applied.version = draft.version;
  applied.change = tx.put(draft, true);
  return applied;
}

Milliseconds clock_lag(WriteTransaction& tx, const std::optional<Record>& existing, TimePoint now) {
  const Version next = tx.stamp(existing ? existing->version : Version{});
  return std::max(TimePoint(Milliseconds(next.ms)) - now, Milliseconds::zero());
}

Applied remove_local(WriteTransaction& tx, const Record& existing, const std::string& writer, TimePoint now,
                     Milliseconds keep) {
  Applied applied;
  applied.version = existing.version;
  if (!existing.live(now)) return applied;
  Record tombstone = existing;
  tombstone.deleted = true;
  tombstone.value.clear();
  tombstone.writer = writer;
  tombstone.expires_at = now + keep;
  if (existing.expires_at != no_expiry)
    tombstone.expires_at = std::min(tombstone.expires_at, existing.expires_at + tombstone_margin);
  tombstone.version = tx.stamp(existing.version);
  applied.version = tombstone.version;
  applied.change = tx.put(tombstone, true);
  return applied;
}

Applied put_counters(WriteTransaction& tx, const Record& record) {
  Applied applied;
  applied.version = record.version;
  applied.change = tx.put(record, true);
  return applied;
}

Merged merge_remote(WriteTransaction& tx, Record incoming, TimePoint now) {
  Merged merged;
  auto local = readable(tx, incoming.key);
  if (!local) {
    if (incoming.expired(now)) return merged;
    tx.put(incoming, false);
    merged.changed = true;
    return merged;
  }
  if (incoming.version > local->version) {
    // What only this store has counted is told to the others, who may have dropped it with a tombstone.
    merged.queued = incoming.counters.merge(local->counters);
    tx.put(incoming, merged.queued);
    merged.changed = true;
    return merged;
  }
  const CounterSet before = local->counters;
  if (!local->counters.merge(incoming.counters)) return merged;
  if (only_reads_grew(before, local->counters))
    tx.count(*local, false);
  else
    tx.put(*local, false);
  merged.changed = true;
  return merged;
}

}  // namespace comem::storage
