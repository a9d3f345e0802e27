#pragma once
// The storage port's transactions over one connection.

#include <comem/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/queries.hpp"
#include "adapters/sqlite/vectors.hpp"
#include "storage/queued_rows.hpp"
#include "storage/store.hpp"

namespace comem::sqlite {

/// What reads and writes have in common: every question goes to Queries.
template <class Port>
class Reading : public Port {
 public:
  explicit Reading(Queries& queries) noexcept : queries_(queries), vectors_(queries, failure_) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  std::optional<Record> get(const RecordKey& key) override { return queries_.get(key); }
  std::vector<Record> find(const std::string& ns, MemoryType type, const std::string& lookup, TimePoint now,
                           std::size_t limit) override {
    return queries_.find(ns, type, lookup, now, limit);
  }
  std::vector<Record> list(const std::string& ns, MemoryType type, const std::string& after_id, TimePoint now,
                           std::size_t limit) override {
    return queries_.list(ns, type, after_id, now, limit);
  }
  std::vector<Record> newest(const std::string& ns, const std::vector<MemoryType>& types, TimePoint now,
                             std::size_t limit) override {
    return queries_.newest(ns, types, now, limit);
  }
  std::uint64_t last_change() override { return queries_.last_change(); }
  std::vector<Record> changes(const std::string& ns, std::uint64_t after, std::size_t limit) override {
    return queries_.changes(ns, after, limit);
  }
  std::vector<storage::OutboxRow> outbox(const std::string& ns, std::uint64_t after,
                                         const std::string& origin, std::uint64_t others_through,
                                         std::size_t limit) override {
    return queries_.outbox(ns, after, origin, others_through, limit);
  }
  std::uint64_t first_of_others(const std::string& ns, const std::string& origin) override {
    return queries_.first_of_others(ns, origin);
  }
  std::uint64_t unshared(const std::string& ns) override { return queries_.unshared(ns); }
  storage::Position position(const std::string& ns) override { return queries_.position(ns); }
  storage::Counts counts(const std::string& ns, TimePoint now) override { return queries_.counts(ns, now); }
  TimePoint in_step_at(const std::string& ns) override { return queries_.in_step_at(ns); }
  std::optional<std::string> operation(const std::string& ns, const std::string& id, TimePoint now) override {
    return queries_.operation(ns, id, now);
  }
  storage::VectorReads* vectors() override { return &vectors_; }

 protected:
  Queries& queries_;
  std::exception_ptr failure_;  // of a write that the function may not have passed on
  SqliteVectors vectors_;
};

using SqliteRead = Reading<storage::ReadTransaction>;

/// Who writes: what the write transaction stamps and signs with.
struct Identity {
  std::string store_id;
  std::string process_id;
  const Clock* clock = nullptr;
};

/// The clock row: shared by all processes on the file, loaded once a transaction is begun, saved before its
/// commit.
struct ClockRow {
  std::uint64_t change = 0;
  Version stamped;
  friend bool operator==(const ClockRow&, const ClockRow&) = default;
};
ClockRow load_clock(Connection& connection, const std::string& store_id);
void save_clock(Connection& connection, const ClockRow& row);

class SqliteWrite final : public Reading<storage::WriteTransaction> {
 public:
  /// `told`: somebody wants to hear of what is queued.
  SqliteWrite(Queries& queries, const Identity& identity, ClockRow& clock, bool told) noexcept
      : Reading(queries), identity_(identity), clock_(clock), told_(told) {}

  std::uint64_t last_change() override { return clock_.change; }
  Version stamp(const Version& seen) override;
  std::uint64_t put(const Record& record, bool share) override;
  void count(const Record& record, bool share) override;
  void acknowledge(const RecordKey& key, std::uint64_t change) override;
  void share_all(const std::string& ns) override;
  void share(const RecordKey& key) override;
  void set_position(const std::string& ns, const storage::Position& position) override;
  void set_in_step_at(const std::string& ns, TimePoint time) override;
  void note_operation(const std::string& ns, const std::string& id, const std::string& answer,
                      TimePoint expires_at) override;
  std::size_t purge(TimePoint before, std::size_t limit) override;
  storage::VectorWrites* vector_writes() override { return &vectors_; }

  /// Rethrows what SQLite reported to a function that did not pass it on: a half-applied put must not be
  /// committed.
  void check() const;
  bool failed() const noexcept { return failure_ != nullptr; }
  std::size_t bytes() const noexcept { return bytes_; }
  /// Adds what this function has changed.
  void tell_changes(storage::Commit& commit);
  /// What it has put into the outbox.
  storage::QueuedRows take_queued() { return std::exchange(queued_, {}); }

 private:
  template <class Work>
  auto guarded(Work work);
  std::int64_t own_namespace(const std::string& ns);
  std::int64_t store_record(const Record& record, std::int64_t ns);
  void queue(std::int64_t record, std::int64_t ns);
  void erase(std::int64_t record);
  std::size_t purge_operations(TimePoint before, std::size_t limit);
  /// The row of a record and the number of its namespace, where there is one.
  struct Place {
    std::int64_t record;
    std::int64_t ns;
  };
  std::optional<Place> place(const RecordKey& key);

  const Identity& identity_;
  ClockRow& clock_;
  const bool told_;
  storage::QueuedRows queued_;
  std::size_t bytes_ = 0;
  std::vector<RecordKey> changed_;
  bool purged_ = false;
};

}  // namespace comem::sqlite
