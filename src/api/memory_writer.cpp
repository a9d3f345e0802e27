#include "api/memory_writer.hpp"

#include <algorithm>

#include "core/ids.hpp"
#include "memory/codec.hpp"
#include "storage/merge.hpp"

namespace comem {
namespace {

constexpr std::string_view import_store = "import";
constexpr std::size_t max_namesakes = 1000;  // there are two at most, unless other stores sent more

/// Raises the imported share so that each total is at least what the import says, but no higher.
void raise_imported(CounterSet& counters, const CounterSet& imported) {
  for (const auto& [key, wanted] : imported.shares()) {
    const auto counter = static_cast<Counter>(key[0]);
    if (counter == Counter::last_access_ms) {
      counters.raise(import_store, counter, wanted);
      continue;
    }
    const auto total = counters.total(counter);
    if (wanted > total) counters.add(import_store, counter, wanted - total);
  }
}

}  // namespace

Record MemoryWriter::encode(const AnyMemory& memory, TimePoint now) const {
  return memory::to_record(ns_, memory, agent_, now, threshold_);
}

void MemoryWriter::prepare(MemoryDraft& draft, TimePoint now) const {
  draft.record = encode(draft.memory, now);
}

std::optional<Record> MemoryWriter::find_existing(storage::WriteTransaction& tx, const MemoryDraft& draft,
                                                  TimePoint now) const {
  if (draft.fresh) return std::nullopt;
  const auto* skill = std::get_if<Skill>(&draft.memory);
  if (!skill || !draft.by_name) return tx.get(draft.record.key);
  auto namesakes = tx.find(ns_, MemoryType::skill, skill->name, now, 1);
  if (namesakes.empty()) return tx.get(draft.record.key);
  return std::move(namesakes.front());
}

void MemoryWriter::remove_namesakes(storage::WriteTransaction& tx, const MemoryDraft& draft, TimePoint now,
                                    std::vector<storage::Touched>& touched) const {
  const auto* skill = std::get_if<Skill>(&draft.memory);
  if (!skill || !draft.brings_counters || !draft.record.live(now)) return;
  for (const auto& namesake : tx.find(ns_, MemoryType::skill, skill->name, now, max_namesakes)) {
    if (namesake.key == draft.record.key) continue;
    const auto applied = storage::remove_local(tx, namesake, agent_, now, tombstone_ttl_);
    if (applied.changed()) touched.emplace_back(namesake.key, applied.change);
  }
}

Milliseconds MemoryWriter::lag_of(storage::WriteTransaction& tx, const MemoryDraft& draft,
                                  const std::optional<Record>& existing, TimePoint now) const {
  if (draft.fresh || draft.exact_expiry || draft.record.expires_at == no_expiry) return Milliseconds::zero();
  return storage::clock_lag(tx, existing, now);
}

void MemoryWriter::adopt_times(MemoryDraft& draft, const Record& existing, TimePoint now) const {
  if (!draft.keeps_created && !draft.keeps_expiry) return;
  Memory& base = common(draft.memory);
  if (draft.keeps_created) base.created_at = existing.created_at;
  if (draft.keeps_time) base.time = existing.created_at;
  if (draft.keeps_expiry) {
    // Saying the same again must not be a change, and a new expiry alone would be one.
    const TimePoint asked = base.expires_at;
    base.expires_at = existing.expires_at;
    Record same_expiry = encode(draft.memory, now);
    if (same_expiry.value == existing.value) {
      draft.record = std::move(same_expiry);
      return;
    }
    base.expires_at = asked;
  }
  draft.record = encode(draft.memory, now);
}

MemoryDraft MemoryWriter::fitted(const MemoryDraft& draft, const std::optional<Record>& existing,
                                 Milliseconds lag, TimePoint now) const {
  MemoryDraft fitted = draft;
  Memory& base = common(fitted.memory);
  const bool renamed = existing && existing->key.id != base.id;
  if (renamed) base.id = existing->key.id;
  base.expires_at += lag;
  if (renamed || lag != Milliseconds::zero()) fitted.record = encode(fitted.memory, now);
  if (existing && existing->live(now)) adopt_times(fitted, *existing, now);
  return fitted;
}

WriteResult MemoryWriter::put(storage::WriteTransaction& tx, const MemoryDraft& draft, TimePoint now,
                              std::vector<storage::Touched>& touched) const {
  const auto existing = find_existing(tx, draft, now);
  const Milliseconds lag = lag_of(tx, draft, existing, now);
  if (!existing && lag == Milliseconds::zero()) {  // mostly: as it was prepared, and nothing is copied
    remove_namesakes(tx, draft, now, touched);
    return put_over(tx, draft, existing, touched);
  }
  const MemoryDraft fits = fitted(draft, existing, lag, now);
  remove_namesakes(tx, fits, now, touched);
  WriteResult result = put_over(tx, fits, existing, touched);
  result.replaced = existing && existing->live(now);
  return result;
}

WriteResult MemoryWriter::put_over(storage::WriteTransaction& tx, const MemoryDraft& draft,
                                   const std::optional<Record>& existing,
                                   std::vector<storage::Touched>& touched) const {
  storage::Applied applied = storage::put_local(tx, draft.record, existing);
  if (draft.brings_counters) {
    const CounterSet imported = memory::imported_counters(draft.memory);
    CounterSet counters = existing ? existing->counters : CounterSet();
    const CounterSet before = counters;
    raise_imported(counters, imported);
    if (!(counters == before)) {
      Record record = *tx.get(draft.record.key);
      record.counters = std::move(counters);
      applied.change = storage::put_counters(tx, record).change;
    }
  }
  WriteResult result;
  result.id = draft.record.key.id;
  result.version = applied.version;
  result.changed = applied.changed();
  if (applied.changed()) touched.emplace_back(draft.record.key, applied.change);
  return result;
}

namespace {

bool ends_too_soon(TimePoint standing, TimePoint asked, TimePoint now) noexcept {
  if (standing == no_expiry) return false;
  return asked == no_expiry || standing - now < (asked - now) / 2;
}

}  // namespace

WriteResult MemoryWriter::keep(storage::WriteTransaction& tx, const Record& standing,
                               const MemoryDraft& draft, TimePoint now,
                               std::vector<storage::Touched>& touched) const {
  WriteResult result;
  result.id = standing.key.id;
  result.version = standing.version;
  result.changed = false;
  result.duplicate = true;
  const TimePoint asked = common(draft.memory).expires_at;
  if (!ends_too_soon(standing.expires_at, asked, now)) return result;
  AnyMemory memory = memory::memory_from_record(standing);
  common(memory).expires_at = asked;
  const storage::Applied applied = storage::put_local(tx, encode(memory, now), standing);
  result.version = applied.version;
  result.changed = applied.changed();
  if (applied.changed()) touched.emplace_back(standing.key, applied.change);
  return result;
}

}  // namespace comem
