#include "adapters/sqlite/transaction.hpp"

#include <sqlite3.h>

#include <iterator>
#include <optional>

#include "adapters/sqlite/record_sum.hpp"
#include "core/hybrid_clock.hpp"

namespace comem::sqlite {
namespace {

constexpr auto sql_load_clock = "SELECT change, ms, counter FROM clock WHERE one = 1";
constexpr auto sql_save_clock = "UPDATE clock SET change = ?, ms = ?, counter = ? WHERE one = 1";
constexpr auto sql_add_namespace = "INSERT INTO namespaces(name) VALUES(?)";
constexpr auto sql_key =
    "SELECT key FROM records INDEXED BY records_by_id WHERE ns = ? AND type = ? AND id = ?";
// Nothing happens where there is such a record: then it is looked for and updated.
constexpr auto sql_insert =
    "INSERT OR IGNORE INTO records(change, version_ms, version_counter, version_store, deleted, expires_at, "
    "created_at, writer, "
    "lookup, score, counters, value, sum, ns, type, id) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?)";
constexpr auto sql_update =
    "UPDATE records SET change = ?, version_ms = ?, version_counter = ?, version_store = ?, deleted = ?, "
    "expires_at = ?, created_at = ?, writer = ?, lookup = ?, score = ?, counters = ?, value = ?, sum = ? "
    "WHERE key = ?";
constexpr auto sql_count =
    "UPDATE records SET counters = ?, sum = (sum & 4294967295) | (? << 32) WHERE key = ?";
// queued_at is for whoever looks into a file: nothing here asks for it.
// Not INSERT OR REPLACE, for which SQLite keeps a copy of each page, so as to undo the statement by itself.
constexpr auto sql_queue =
    "INSERT INTO outbox(record, ns, change, origin, queued_at) VALUES(?, ?, ?, ?, ?) ON CONFLICT(record) DO "
    "UPDATE SET ns = excluded.ns, change = excluded.change, origin = excluded.origin, "
    "queued_at = excluded.queued_at";
// A change number names one write, so this is the row of the record that was written then.
constexpr auto sql_unqueue_change =
    "DELETE FROM outbox INDEXED BY outbox_by_change WHERE ns = ? AND change = ?";
constexpr auto sql_unqueue = "DELETE FROM outbox WHERE record = ? AND change <= ?";
constexpr auto sql_queue_all =
    "INSERT OR REPLACE INTO outbox(record, ns, change, origin, queued_at) SELECT key, ns, "
    "?1 + row_number() OVER (ORDER BY change), ?2, ?3 FROM records INDEXED BY records_by_change WHERE ns = "
    "?4";
constexpr auto sql_set_position =
    "INSERT INTO positions(ns, epoch, seq) VALUES(?, ?, ?) "
    "ON CONFLICT(ns) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq";
constexpr auto sql_set_in_step_at =
    "INSERT INTO positions(ns, epoch, seq, in_step_at) VALUES(?, x'', 0, ?) "
    "ON CONFLICT(ns) DO UPDATE SET in_step_at = excluded.in_step_at";
constexpr auto sql_note_operation =
    "INSERT OR REPLACE INTO operations(ns, id, answer, expires_at) VALUES(?, ?, ?, ?)";
constexpr auto sql_drop_operations =
    "DELETE FROM operations WHERE (ns, id) IN (SELECT ns, id FROM operations INDEXED BY operations_by_expiry "
    "WHERE expires_at < ? ORDER BY expires_at LIMIT ?)";
constexpr auto sql_expired =
    "SELECT key FROM records r INDEXED BY records_by_expiry WHERE expires_at <> 0 AND expires_at < ? "
    "AND NOT (deleted <> 0 AND expires_at - version_ms >= 86400000 "  // storage::outlives_expiry()
    "AND EXISTS (SELECT 1 FROM outbox o WHERE o.record = r.key) "
    "AND EXISTS (SELECT 1 FROM positions p WHERE p.ns = r.ns AND p.epoch <> x'')) "
    "ORDER BY expires_at LIMIT ?";
constexpr auto sql_drop_queued = "DELETE FROM outbox WHERE record = ?";
constexpr auto sql_drop = "DELETE FROM records WHERE key = ?";

std::optional<std::int64_t> record_key(Connection& connection, std::int64_t ns, const RecordKey& key) {
  auto statement = connection.prepare(sql_key);
  statement.bind(ns).bind(number_of(key.type)).bind(std::string_view(key.id));
  if (!statement.step()) return std::nullopt;
  return statement.integer(0);
}

void bind_content(Statement& statement, const Record& record, std::uint64_t change,
                  const std::string& counters) {
  statement.bind(change).bind(record.version.ms).bind(std::int64_t{record.version.counter});
  statement.bind(std::string_view(record.version.store)).bind(std::int64_t{record.deleted ? 1 : 0});
  statement.bind(record.expires_at).bind(record.created_at).bind(std::string_view(record.writer));
  statement.bind(std::string_view(record.lookup)).bind(record.score).bind(std::string_view(counters));
  statement.bind(std::string_view(record.value)).bind(record_sum(record, counters));
}

}  // namespace

ClockRow load_clock(Connection& connection, const std::string& store_id) {
  auto statement = connection.prepare(sql_load_clock);
  ClockRow row;
  if (!statement.step()) throw Error(errc::corrupt, "the database has lost its clock row; restore a backup");
  row.change = statement.number(0);
  row.stamped = Version{statement.integer(1), static_cast<std::uint32_t>(statement.integer(2)), store_id};
  return row;
}

void save_clock(Connection& connection, const ClockRow& row) {
  auto statement = connection.prepare(sql_save_clock);
  statement.bind(row.change).bind(row.stamped.ms).bind(std::int64_t{row.stamped.counter}).run();
}

template <class Work>
auto SqliteWrite::guarded(Work work) {
  check();
  try {
    return work();
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

void SqliteWrite::check() const {
  if (failure_) std::rethrow_exception(failure_);
}

Version SqliteWrite::stamp(const Version& seen) {
  clock_.stamped = next_version(identity_.clock->now(), clock_.stamped, seen, identity_.store_id);
  return clock_.stamped;
}

std::int64_t SqliteWrite::own_namespace(const std::string& ns) {
  if (const auto key = queries_.namespace_key(ns)) return *key;
  auto statement = queries_.connection().prepare(sql_add_namespace);
  statement.bind(std::string_view(ns)).run();
  return sqlite3_last_insert_rowid(queries_.connection().handle());
}

std::optional<SqliteWrite::Place> SqliteWrite::place(const RecordKey& key) {
  const auto ns = queries_.namespace_key(key.ns);
  if (!ns) return std::nullopt;
  const auto record = record_key(queries_.connection(), *ns, key);
  if (!record) return std::nullopt;
  return Place{*record, *ns};
}

std::int64_t SqliteWrite::store_record(const Record& record, std::int64_t ns) {
  auto& connection = queries_.connection();
  const auto counters = record.counters.encode();
  bytes_ += record.value.size() + counters.size() + 512;
  {
    auto statement = connection.prepare(sql_insert);
    bind_content(statement, record, clock_.change + 1, counters);
    statement.bind(ns).bind(number_of(record.key.type)).bind(std::string_view(record.key.id)).run();
  }
  if (sqlite3_changes(connection.handle()) != 0) return sqlite3_last_insert_rowid(connection.handle());
  const auto key = record_key(connection, ns, record.key);
  if (!key)
    throw Error(errc::corrupt, "an index of the database names a record that is not there; restore a backup");
  auto statement = connection.prepare(sql_update);
  bind_content(statement, record, clock_.change + 1, counters);
  statement.bind(*key).run();
  if (record.deleted) forget_vectors(connection, *key);
  return *key;
}

std::uint64_t SqliteWrite::put(const Record& record, bool share) {
  return guarded([&] {
    const auto ns = own_namespace(record.key.ns);
    const auto key = store_record(record, ns);
    changed_.push_back(record.key);
    ++clock_.change;
    if (share) queue(key, ns);
    if (share && told_) queued_.add(record, clock_.change);
    return clock_.change;
  });
}

void SqliteWrite::count(const Record& record, bool share) {
  guarded([&] {
    const auto found = place(record.key);
    if (!found) return;
    const auto counters = record.counters.encode();
    bytes_ += record.value.size() + counters.size() + 512;  // SQLite writes the whole row again, but no index
    auto statement = queries_.connection().prepare(sql_count);
    statement.bind(std::string_view(counters)).bind(counters_sum(counters)).bind(found->record).run();
    changed_.push_back(record.key);
    if (!share) return;
    ++clock_.change;
    queue(found->record, found->ns);
    queued_.add_other(record.key.ns);
  });
}

void SqliteWrite::queue(std::int64_t record, std::int64_t ns) {
  auto statement = queries_.connection().prepare(sql_queue);
  statement.bind(record).bind(ns).bind(clock_.change).bind(std::string_view(identity_.process_id));
  statement.bind(identity_.clock->now()).run();
}

void SqliteWrite::acknowledge(const RecordKey& key, std::uint64_t change) {
  guarded([&] {
    const auto ns = queries_.namespace_key(key.ns);
    if (!ns) return;
    auto& connection = queries_.connection();
    connection.prepare(sql_unqueue_change).bind(*ns).bind(change).run();
    if (sqlite3_changes(connection.handle()) != 0) return;
    if (const auto record = record_key(connection, *ns, key))
      connection.prepare(sql_unqueue).bind(*record).bind(change).run();
  });
}

void SqliteWrite::share(const RecordKey& key) {
  guarded([&] {
    const auto found = place(key);
    if (!found) return;
    ++clock_.change;
    queue(found->record, found->ns);
    queued_.add_other(key.ns);
  });
}

void SqliteWrite::share_all(const std::string& ns) {
  // Each row gets a change number of its own: an acknowledgement that was under way for an earlier queueing
  // (to a relay that has lost everything since) must not take the row out.
  guarded([&] {
    const auto key = queries_.namespace_key(ns);
    if (!key) return;
    auto& connection = queries_.connection();
    auto statement = connection.prepare(sql_queue_all);
    statement.bind(clock_.change).bind(std::string_view(identity_.process_id)).bind(identity_.clock->now());
    statement.bind(*key).run();
    clock_.change += static_cast<std::uint64_t>(sqlite3_changes64(connection.handle()));
    queued_.add_all(ns);
  });
}

void SqliteWrite::set_position(const std::string& ns, const storage::Position& position) {
  guarded([&] {
    const auto key = own_namespace(ns);
    auto statement = queries_.connection().prepare(sql_set_position);
    statement.bind(key).bind(std::string_view(position.epoch)).bind(position.seq).run();
  });
}

void SqliteWrite::set_in_step_at(const std::string& ns, TimePoint time) {
  guarded([&] {
    const auto key = own_namespace(ns);
    queries_.connection().prepare(sql_set_in_step_at).bind(key).bind(time).run();
  });
}

void SqliteWrite::note_operation(const std::string& ns, const std::string& id, const std::string& answer,
                                 TimePoint expires_at) {
  guarded([&] {
    const auto key = own_namespace(ns);
    bytes_ += id.size() + answer.size();
    auto statement = queries_.connection().prepare(sql_note_operation);
    statement.bind(key).bind(std::string_view(id)).bind(std::string_view(answer)).bind(expires_at).run();
  });
}

void SqliteWrite::tell_changes(storage::Commit& commit) {
  commit.changed.insert(commit.changed.end(), std::make_move_iterator(changed_.begin()),
                        std::make_move_iterator(changed_.end()));
  commit.dropped = commit.dropped || purged_;
}

std::size_t SqliteWrite::purge(TimePoint before, std::size_t limit) {
  return guarded([&] {
    std::vector<std::int64_t> keys;
    {
      auto statement = queries_.connection().prepare(sql_expired);
      statement.bind(before).bind(row_limit(limit));
      while (statement.step()) keys.push_back(statement.integer(0));
    }
    for (const auto key : keys) erase(key);
    purged_ = purged_ || !keys.empty();
    return keys.size() + purge_operations(before, limit - keys.size());
  });
}

void SqliteWrite::erase(std::int64_t record) {
  auto& connection = queries_.connection();
  connection.prepare(sql_drop_queued).bind(record).run();
  forget_vectors(connection, record);
  connection.prepare(sql_drop).bind(record).run();
}

std::size_t SqliteWrite::purge_operations(TimePoint before, std::size_t limit) {
  auto& connection = queries_.connection();
  connection.prepare(sql_drop_operations).bind(before).bind(row_limit(limit)).run();
  return static_cast<std::size_t>(sqlite3_changes64(connection.handle()));
}

}  // namespace comem::sqlite
