#include "tests/simulation/disk_transaction.hpp"

#include <algorithm>
#include <tuple>

#include "core/hybrid_clock.hpp"

namespace comem::simulation {

using storage::Counts;
using storage::OutboxRow;
using storage::Position;

namespace {
bool in(const Record& record, const std::string& ns, MemoryType type) {
  return record.key.ns == ns && record.key.type == type;
}
}  // namespace

template <class Wanted, class Before>
std::vector<Record> DiskTransaction::select(Wanted wanted, Before before, std::size_t limit) const {
  std::vector<Record> found;
  for (const auto& [key, record] : content_.records)
    if (wanted(record)) found.push_back(record);
  std::sort(found.begin(), found.end(), before);
  if (found.size() > limit) found.resize(limit);
  return found;
}

template <class Value>
void DiskTransaction::restore_later(Value& value) {
  undo_.push_back([&value, old = value] { value = old; });
}

template <class Key, class Value>
void DiskTransaction::restore_later(std::map<Key, Value>& map, const Key& key) {
  const auto found = map.find(key);
  if (found == map.end())
    undo_.push_back([&map, key] { map.erase(key); });
  else
    undo_.push_back([&map, key, old = found->second] { map[key] = old; });
}

std::optional<Record> DiskTransaction::get(const RecordKey& key) {
  const auto found = content_.records.find(key);
  if (found == content_.records.end()) return std::nullopt;
  std::optional<Record> record(found->second);
  if (by_sync_ && ablation_ == Ablation::no_check_on_pull) record->version = Version();
  return record;
}

std::vector<Record> DiskTransaction::find(const std::string& ns, MemoryType type, const std::string& lookup,
                                          TimePoint now, std::size_t limit) {
  return select([&](const Record& r) { return in(r, ns, type) && r.lookup == lookup && r.live(now); },
                [](const Record& a, const Record& b) {
                  return std::tie(a.created_at, a.key.id) > std::tie(b.created_at, b.key.id);
                },
                limit);
}

std::vector<Record> DiskTransaction::list(const std::string& ns, MemoryType type, const std::string& after_id,
                                          TimePoint now, std::size_t limit) {
  return select([&](const Record& r) { return in(r, ns, type) && r.key.id > after_id && r.live(now); },
                [](const Record& a, const Record& b) { return a.key.id < b.key.id; }, limit);
}

std::vector<Record> DiskTransaction::newest(const std::string& ns, const std::vector<MemoryType>& types,
                                            TimePoint now, std::size_t limit) {
  return select(
      [&](const Record& r) {
        return r.key.ns == ns && std::find(types.begin(), types.end(), r.key.type) != types.end() &&
               r.live(now);
      },
      [](const Record& a, const Record& b) { return a.change > b.change; }, limit);
}

std::vector<Record> DiskTransaction::changes(const std::string& ns, std::uint64_t after, std::size_t limit) {
  return select([&](const Record& r) { return r.key.ns == ns && r.change > after; },
                [](const Record& a, const Record& b) { return a.change < b.change; }, limit);
}

std::vector<OutboxRow> DiskTransaction::outbox(const std::string& ns, std::uint64_t after,
                                               const std::string& origin, std::uint64_t others_through,
                                               std::size_t limit) {
  std::vector<OutboxRow> rows;
  for (const auto& [key, queued] : content_.outbox) {
    const bool wanted = origin.empty() || queued.origin == origin || queued.change <= others_through;
    if (key.ns != ns || queued.change <= after || !wanted) continue;
    OutboxRow row;
    row.record = content_.records.at(key);
    row.change = queued.change;
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.change < b.change; });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

std::uint64_t DiskTransaction::first_of_others(const std::string& ns, const std::string& origin) {
  if (ablation_ == Ablation::no_takeover) return 0;
  std::uint64_t first = 0;
  for (const auto& [key, queued] : content_.outbox)
    if (key.ns == ns && queued.origin != origin && (first == 0 || queued.change < first))
      first = queued.change;
  return first;
}

std::uint64_t DiskTransaction::unshared(const std::string& ns) {
  return static_cast<std::uint64_t>(std::count_if(content_.outbox.begin(), content_.outbox.end(),
                                                  [&](const auto& row) { return row.first.ns == ns; }));
}

Position DiskTransaction::position(const std::string& ns) {
  const auto found = content_.positions.find(ns);
  return found == content_.positions.end() ? Position() : found->second;
}

Counts DiskTransaction::counts(const std::string& ns, TimePoint now) {
  Counts counts;
  for (const auto& [key, record] : content_.records) {
    if (key.ns != ns) continue;
    if (record.deleted) ++counts.tombstones;
    if (record.live(now)) ++counts.live[key.type];
  }
  counts.unshared = unshared(ns);
  return counts;
}

TimePoint DiskTransaction::in_step_at(const std::string& ns) {
  if (ablation_ == Ablation::no_rejoin) return TimePoint();
  const auto found = content_.in_step.find(ns);
  return found == content_.in_step.end() ? TimePoint() : found->second;
}

std::optional<std::string> DiskTransaction::operation(const std::string& ns, const std::string& id,
                                                      TimePoint now) {
  const auto found = content_.operations.find({ns, id});
  if (found == content_.operations.end() || found->second.second <= now) return std::nullopt;
  return found->second.first;
}

Version DiskTransaction::stamp(const Version& seen) {
  if (ablation_ == Ablation::wall_clock) return Version{clock_.now().time_since_epoch().count(), 0, store_};
  restore_later(content_.stamped);
  content_.stamped = next_version(clock_.now(), content_.stamped, seen, store_);
  return content_.stamped;
}

std::uint64_t DiskTransaction::put(const Record& record, bool share) {
  restore_later(content_.change);
  restore_later(content_.records, record.key);
  const auto change = ++content_.change;
  auto& stored = content_.records[record.key] = record;
  stored.change = change;
  if (share) queue(record.key, change);
  if (share) queued_.add(record, change);
  return change;
}

void DiskTransaction::count(const Record& record, bool share) {
  const auto stored = content_.records.find(record.key);
  if (stored == content_.records.end()) return;
  restore_later(content_.records, record.key);
  stored->second.counters = record.counters;
  if (!share) return;
  restore_later(content_.change);
  queue(record.key, ++content_.change);
  queued_.add_other(record.key.ns);
}

void DiskTransaction::acknowledge(const RecordKey& key, std::uint64_t change) {
  const auto queued = content_.outbox.find(key);
  if (queued == content_.outbox.end() || queued->second.change > change) return;
  restore_later(content_.outbox, key);
  content_.outbox.erase(queued);
  if (ablation_ == Ablation::drop_tombstones && content_.records.at(key).deleted) drop(key);
}

void DiskTransaction::share_all(const std::string& ns) {
  if (ablation_ == Ablation::outbox_only) return;
  restore_later(content_.change);
  for (const auto& record : changes(ns, 0, content_.records.size())) queue(record.key, ++content_.change);
  queued_.add_all(ns);
}

void DiskTransaction::share(const RecordKey& key) {
  if (content_.records.count(key) == 0) return;
  restore_later(content_.change);
  queue(key, ++content_.change);
  queued_.add_other(key.ns);
}

void DiskTransaction::set_in_step_at(const std::string& ns, TimePoint time) {
  restore_later(content_.in_step, ns);
  content_.in_step[ns] = time;
}

void DiskTransaction::note_operation(const std::string& ns, const std::string& id, const std::string& answer,
                                     TimePoint expires_at) {
  const std::pair<std::string, std::string> key(ns, id);
  restore_later(content_.operations, key);
  content_.operations[key] = {answer, expires_at};
}

void DiskTransaction::set_position(const std::string& ns, const Position& position) {
  // The ablation keeps positions elsewhere: whatever becomes of this transaction, they stay.
  if (ablation_ != Ablation::cursor_apart) restore_later(content_.positions, ns);
  content_.positions[ns] = position;
  positions_set_[ns] = position;
}

std::size_t DiskTransaction::purge(TimePoint before, std::size_t limit) {
  const auto expired =
      select([&](const Record& r) { return r.expires_at != no_expiry && r.expires_at < before && !waits(r); },
             [](const Record& a, const Record& b) { return a.expires_at < b.expires_at; }, limit);
  for (const auto& record : expired) drop(record.key);
  return expired.size();
}

bool DiskTransaction::waits(const Record& record) const {
  const auto position = content_.positions.find(record.key.ns);
  return storage::outlives_expiry(record) && content_.outbox.count(record.key) != 0 &&
         position != content_.positions.end() && !position->second.epoch.empty();
}

void DiskTransaction::queue(const RecordKey& key, std::uint64_t change) {
  restore_later(content_.outbox, key);
  content_.outbox[key] = DiskContent::Queued{change, process_};
}

void DiskTransaction::drop(const RecordKey& key) {
  restore_later(content_.records, key);
  restore_later(content_.outbox, key);
  content_.records.erase(key);
  content_.outbox.erase(key);
}

void DiskTransaction::undo() {
  for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
}

}  // namespace comem::simulation
