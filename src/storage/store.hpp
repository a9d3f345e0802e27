#pragma once
// The port to the local truth: transactions over records, change numbers, an outbox and sync positions.
// Implementations: adapters/sqlite, and an in-memory fake in tests/support. tests/contract/store_contract.cpp
// says in executable form what both must do.

#include <comem/clock.hpp>
#include <comem/diagnosis.hpp>
#include <comem/memory_type.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/record.hpp"

namespace comem::storage {

class VectorReads;
class VectorWrites;

/// How far a commit must have come when it is answered.
enum class Durability { process, power };

/// A place in a relay's sequence of changes of one namespace. An empty epoch: never synchronised.
struct Position {
  Position() = default;
  Position(std::string epoch_, std::uint64_t seq_) : epoch(std::move(epoch_)), seq(seq_) {}
  std::string epoch;
  std::uint64_t seq = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// A record that waits to be shared. `change` names the write: a newer write of the record has a higher one.
struct OutboxRow {
  OutboxRow() = default;
  Record record;
  std::uint64_t change = 0;
};

/// What a commit of this process has put into the outbox of one namespace.
struct Queued {
  Queued() = default;
  std::string ns;
  std::vector<OutboxRow> rows;  ///< what put() has queued, in the order of change; empty where that is much
  std::size_t others = 0;       ///< further rows
  bool all = false;             ///< share_all() was called
  std::uint64_t through = 0;    ///< last change of the commit
  /// Rows that wait from now on. Those of share_all() are not counted: a look at the whole outbox follows it.
  std::size_t count() const noexcept { return rows.size() + others; }
  /// Whether `rows` are all that the commit has queued.
  bool whole() const noexcept { return others == 0 && !all; }
  /// Leaves all to whoever reads the outbox.
  void unlist() {
    others += rows.size();
    rows.clear();
  }
};
using QueueListener = std::function<void(std::vector<Queued>)>;

/// Once the values of an outbox page come to this many bytes, the page ends.
inline constexpr std::size_t outbox_page_bytes = 4u << 20;

/// Whether more rows may follow these, which outbox() answered when asked for `limit`.
inline bool is_cut(const std::vector<OutboxRow>& rows, std::size_t limit) noexcept {
  std::size_t bytes = 0;
  for (const auto& row : rows) bytes += row.record.value.size();
  return rows.size() >= limit || bytes >= outbox_page_bytes;
}

struct Counts {
  Counts() = default;
  std::map<MemoryType, std::uint64_t> live;
  std::uint64_t tombstones = 0;
  std::uint64_t unshared = 0;
};

/// Whether a tombstone that waits to be shared is kept beyond its expiry until it is: a relay may still hold
/// the record that it deletes, for others to take it as alive. Those of records that would soon have died by
/// themselves need not.
inline bool outlives_expiry(const Record& record) noexcept {
  return record.deleted &&
         record.expires_at.time_since_epoch().count() - record.version.ms >= 24 * 3600 * 1000;
}

/// A consistent view. Valid only inside the function it was handed to; used by one thread. Record values come
/// back as they were put; `record.change` is set. Stored records that cannot be read are left out, and others
/// take their place up to the limit: except for outbox(), fewer answers than the limit mean that there are no
/// more.
class ReadTransaction {
 public:
  virtual ~ReadTransaction() = default;

  /// Tombstones and expired records included. Throws Error(corrupt) for a record that cannot be read.
  virtual std::optional<Record> get(const RecordKey& key) = 0;
  /// Live records of a type with this lookup, last created first (ties: highest id first). An unreadable
  /// record counts for the limit.
  virtual std::vector<Record> find(const std::string& ns, MemoryType type, const std::string& lookup,
                                   TimePoint now, std::size_t limit) = 0;
  /// Live records of a type in the order of their ids (bytewise), beginning after `after_id`.
  virtual std::vector<Record> list(const std::string& ns, MemoryType type, const std::string& after_id,
                                   TimePoint now, std::size_t limit) = 0;
  /// Live records of the given types, last changed first.
  virtual std::vector<Record> newest(const std::string& ns, const std::vector<MemoryType>& types,
                                     TimePoint now, std::size_t limit) = 0;
  /// Number of the last change in the whole store; 0 for an empty one.
  virtual std::uint64_t last_change() = 0;
  /// Records of the namespace (tombstones included) whose last change came after `after`, in the order of
  /// change.
  virtual std::vector<Record> changes(const std::string& ns, std::uint64_t after, std::size_t limit) = 0;
  /// Outbox rows of the namespace in the order of change, after change `after`: those written by process
  /// `origin` (empty: any), and of other processes those up to change `others_through`. A page also ends with
  /// the row that brings its values to outbox_page_bytes: is_cut() tells whether more may follow.
  virtual std::vector<OutboxRow> outbox(const std::string& ns, std::uint64_t after, const std::string& origin,
                                        std::uint64_t others_through, std::size_t limit) = 0;
  /// Change of the first outbox row of the namespace that another process than `origin` wrote; 0 for none.
  virtual std::uint64_t first_of_others(const std::string& ns, const std::string& origin) = 0;
  virtual std::uint64_t unshared(const std::string& ns) = 0;
  virtual Position position(const std::string& ns) = 0;
  virtual Counts counts(const std::string& ns, TimePoint now) = 0;
  /// When the namespace was last known to hold all that the relay held; the epoch of the clock for never.
  virtual TimePoint in_step_at(const std::string& ns) = 0;
  /// The answer noted for an operation of the namespace (note_operation()), until it expires at `now`.
  virtual std::optional<std::string> operation(const std::string& ns, const std::string& id,
                                               TimePoint now) = 0;
  /// The vectors (storage/vector_store.hpp); nullptr for a store that keeps none.
  virtual VectorReads* vectors() { return nullptr; }
};

/// The one write transaction of the store. What the function does is applied whole, or not at all when it
/// throws.
class WriteTransaction : public ReadTransaction {
 public:
  /// A version after every one stamped here before and after `seen`.
  virtual Version stamp(const Version& seen) = 0;
  /// Inserts or replaces the record of this key, gives it the next change number (returned) and, with
  /// `share`, queues it in the outbox (replacing an older row of the record).
  virtual std::uint64_t put(const Record& record, bool share) = 0;
  /// Writes only the counters of an existing record, quietly: the record keeps its change number, so neither
  /// changes() nor newest() tell of it. With `share`, queues it in the outbox under a change number of its
  /// own, higher than the record's; only that moves last_change().
  virtual void count(const Record& record, bool share) = 0;
  /// Takes a record out of the outbox, unless it was written again after `change`.
  virtual void acknowledge(const RecordKey& key, std::uint64_t change) = 0;
  /// Queues every record of the namespace, tombstones included.
  virtual void share_all(const std::string& ns) = 0;
  /// Queues one record, under a change number of its own as share_all() does; nothing for a missing one.
  virtual void share(const RecordKey& key) = 0;
  virtual void set_position(const std::string& ns, const Position& position) = 0;
  virtual void set_in_step_at(const std::string& ns, TimePoint time) = 0;
  /// Keeps the answer of an operation until `expires_at`, so that its repetition is known for what it is.
  /// purge() drops expired ones.
  virtual void note_operation(const std::string& ns, const std::string& id, const std::string& answer,
                              TimePoint expires_at) = 0;
  /// Drops up to `limit` records (tombstones included) of all namespaces that expired before `before`, from
  /// the outbox too, and operations. Tombstones that wait to be shared stay where outlives_expiry() says so
  /// and the namespace has a position. Answers how many.
  virtual std::size_t purge(TimePoint before, std::size_t limit) = 0;
  /// The vectors, for writing; nullptr for a store that keeps none. They go with the records they belong to.
  virtual VectorWrites* vector_writes() { return nullptr; }
};

/// A moment of the store. Two that are equal mean that nothing was committed between them, by any process.
struct StoreStamp {
  StoreStamp() = default;
  std::array<std::uint64_t, 7> words{};
  friend bool operator==(const StoreStamp&, const StoreStamp&) = default;
};

/// A commit of this process, and what it changed.
struct Commit {
  Commit() = default;
  StoreStamp before, after;
  std::vector<RecordKey> changed;  ///< records that were put, or whose counters were written
  bool dropped = false;            ///< and others were purged
};
using CommitListener = std::function<void(const Commit&)>;

using ReadFunction = std::function<void(ReadTransaction&)>;
using WriteFunction = std::function<void(WriteTransaction&)>;

/// Thread-safe. Functions run on the store's own threads, never on the caller's; the awaiting coroutine
/// resumes on its own executor. An exception of a function passes to its caller and concerns nobody else.
/// Queued work is not cancelled: it finishes even when its caller is gone, so functions must own what they
/// touch. One that writes may run again when another one fails: it sets anew what it hands out.
class Store {
 public:
  virtual ~Store() = default;

  virtual boost::asio::awaitable<void> read(ReadFunction function) = 0;
  /// Functions of many callers share one transaction and one sync; each is applied or undone by itself. Once
  /// this returns the write is as safe as `durability` says, and every process on the store sees it. Throws
  /// Error(rejected) or Error(unknown_outcome) where the commit failed.
  virtual boost::asio::awaitable<void> write(WriteFunction function, Durability durability) = 0;

  /// Returns once all commits up to change number `change`, of any process, survive a loss of power. Costs
  /// nothing when they do already. What leaves the store must not be undone behind it: a version that was
  /// shared and then lost would be given again to something else. Throws as write().
  virtual boost::asio::awaitable<void> sync(std::uint64_t change) = 0;

  /// Cheap enough for every search: changes whenever anything was committed, by any process. Only inside
  /// read().
  virtual std::uint64_t data_version(ReadTransaction& read) = 0;

  /// The stamp of now, without a look at the disk or a wait for another thread; nothing where the store
  /// cannot tell. What was acknowledged before this was called, by any process, is at this stamp.
  virtual std::optional<StoreStamp> stamp() const noexcept { return std::nullopt; }
  /// `told` hears of every commit of this process, on the store's thread, before its writers are answered.
  /// To be called once, before any write.
  virtual void on_commit(CommitListener told) { static_cast<void>(told); }
  /// `told` hears what each commit of this process has put into the outbox, in the order of the commits, on
  /// the store's thread; of one that failed at its end, which rows may stand there all the same (`others`).
  /// To be called once, before any write.
  virtual void on_queued(QueueListener told) = 0;

  /// Whether the file is sound, current and not overgrown; each with its remedy. Reads the whole file.
  virtual boost::asio::awaitable<std::vector<Finding>> diagnose() = 0;

  virtual const std::string& store_id() const noexcept = 0;
  /// Of this opening of the store; the `origin` of its outbox rows.
  virtual const std::string& process_id() const noexcept = 0;
  virtual const std::string& path() const noexcept = 0;
  virtual int schema_version() const noexcept = 0;

  /// Finishes what is queued, then closes. Later calls throw Error(closed). Joins threads: not for an I/O
  /// thread.
  virtual void close() noexcept = 0;
};

}  // namespace comem::storage
