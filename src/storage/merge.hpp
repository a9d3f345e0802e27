#pragma once
// The rules by which records change: local writes, deletions, and records from elsewhere. Decisions over a
// write transaction; no clock and no I/O of their own.

#include <optional>
#include <string>

#include "core/record.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// What the store holds; nothing for what it cannot read, which a readable record may replace.
std::optional<Record> readable(ReadTransaction& tx, const RecordKey& key);

/// What a local write did.
struct Applied {
  Applied() = default;
  Version version;
  std::uint64_t change = 0;  ///< zero when nothing changed
  bool changed() const noexcept { return change != 0; }
};

/// Writes `draft` as the newest version of its record and queues it for sharing. `existing` is what the store
/// holds (from tx.get), if anything: its counters stay, and a draft that says nothing new about a live record
/// changes nothing. The draft's version and counters are ignored.
Applied put_local(WriteTransaction& tx, Record draft, const std::optional<Record>& existing);

/// How far `now` lies behind the version that a write over `existing` would bear; zero unless the clock was
/// set back. An expiry that is reckoned from now is to be put off by so much: if a newer version died before
/// the older one that it replaces, stores that never saw it alive would keep the older.
Milliseconds clock_lag(WriteTransaction& tx, const std::optional<Record>& existing, TimePoint now);

/// Replaces a live record by a tombstone that is kept for `keep`, or for a mortal record until an hour after
/// it would have expired anyway, if that is earlier. Does nothing to a record that is not live.
Applied remove_local(WriteTransaction& tx, const Record& existing, const std::string& writer, TimePoint now,
                     Milliseconds keep);

/// Writes only the counters of `record`, which concurrent writers merge; its version stays.
Applied put_counters(WriteTransaction& tx, const Record& record);

/// What taking in a record from elsewhere did.
struct Merged {
  bool changed = false;  ///< the store
  bool queued = false;   ///< the record is to be shared: others may lack counts that this store has
};

/// Takes a record from elsewhere: the higher version wins, counters are merged, what is already dead is left
/// out. It replaces what the store holds but cannot read. That a memory was read elsewhere is counted
/// quietly. Idempotent and independent of order.
Merged merge_remote(WriteTransaction& tx, Record incoming, TimePoint now);

}  // namespace comem::storage
