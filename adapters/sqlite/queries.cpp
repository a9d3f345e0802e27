#include "adapters/sqlite/queries.hpp"

#include <comem/error.hpp>

#include <limits>

#include <fmt/format.h>

#include "adapters/sqlite/record_sum.hpp"
#include "core/utf8.hpp"

namespace comem::sqlite {
namespace {

// The columns that read_record() reads, in its order; `more` and `rest` complete the statement.
std::string select_records(std::string_view rest, std::string_view more = "") {
  constexpr std::string_view columns =
      "r.type, r.id, r.change, r.version_ms, r.version_counter, r.version_store, r.deleted, r.expires_at, "
      "r.created_at, r.writer, r.lookup, r.score, r.counters, r.value, r.sum";
  return fmt::format("SELECT {}{} FROM {}", columns, more, rest);
}
constexpr int record_columns = 15;

// Every statement names its index: the planner has no statistics to choose by. What follows its index's order
// is read for as long as rows are wanted, since unreadable ones do not count; find() may have to sort.
const std::string sql_get =
    select_records("records r INDEXED BY records_by_id WHERE ns = ? AND type = ? AND id = ?");
const std::string sql_find = select_records(
    "records r INDEXED BY records_by_lookup WHERE ns = ? AND type = ? AND lookup = ? AND lookup <> x'' "
    "AND deleted = 0 AND (expires_at = 0 OR expires_at > ?) ORDER BY created_at DESC, id DESC LIMIT ?");
const std::string sql_find_without_lookup = select_records(
    "records r INDEXED BY records_by_id WHERE ns = ? AND type = ? AND lookup = ? "
    "AND deleted = 0 AND (expires_at = 0 OR expires_at > ?) ORDER BY created_at DESC, id DESC LIMIT ?");
const std::string sql_list = select_records(
    "records r INDEXED BY records_by_id WHERE ns = ? AND type = ? AND id > ? "
    "AND deleted = 0 AND (expires_at = 0 OR expires_at > ?) ORDER BY id");
// The types wanted are a set of bits, so that one statement serves every choice of them.
const std::string sql_newest = select_records(
    "records r INDEXED BY records_by_change WHERE ns = ? AND (? >> type) & 1 "
    "AND deleted = 0 AND (expires_at = 0 OR expires_at > ?) ORDER BY change DESC");
const std::string sql_changes =
    select_records("records r INDEXED BY records_by_change WHERE ns = ? AND change > ? ORDER BY change");
// Long-term types are 1 to 3: number_of().
const std::string sql_unmarked = select_records(
    "records r INDEXED BY records_by_change WHERE ns = ? AND change > ? AND type BETWEEN 1 AND 3 "
    "AND deleted = 0 AND (expires_at = 0 OR expires_at > ?) AND NOT EXISTS (SELECT 1 FROM vector_marks m "
    "WHERE m.record = r.key AND m.model = ? AND m.change = r.change) ORDER BY change");
const std::string sql_outbox = select_records(
    "outbox o INDEXED BY outbox_by_change CROSS JOIN records r ON r.key = o.record AND r.ns = o.ns WHERE "
    "o.ns = ? AND "
    "o.change > ? "
    "AND (?3 = x'' OR o.origin = ?3 OR o.change <= ?4) ORDER BY o.change",
    ", o.change");
const std::string sql_examine =
    select_records("records r LEFT JOIN namespaces n ON n.key = r.ns LEFT JOIN outbox o ON o.record = r.key",
                   ", n.name, o.record");
constexpr auto sql_queued =
    "SELECT count(*), count(r.key) FROM outbox o LEFT JOIN records r ON r.key = o.record";
constexpr auto sql_last_change = "SELECT change FROM clock WHERE one = 1";
constexpr auto sql_first_of_others =
    "SELECT change FROM outbox INDEXED BY outbox_by_change WHERE ns = ? AND origin <> ? ORDER BY change";
constexpr auto sql_unshared = "SELECT count(*) FROM outbox INDEXED BY outbox_by_change WHERE ns = ?";
constexpr auto sql_position = "SELECT epoch, seq FROM positions WHERE ns = ?";
constexpr auto sql_in_step_at = "SELECT in_step_at FROM positions WHERE ns = ?";
constexpr auto sql_operation = "SELECT answer FROM operations WHERE ns = ? AND id = ? AND expires_at > ?";
constexpr auto sql_live =
    "SELECT type, count(*) FROM records INDEXED BY records_by_change WHERE ns = ? AND deleted = 0 "
    "AND (expires_at = 0 OR expires_at > ?) GROUP BY type";
constexpr auto sql_tombstones =
    "SELECT count(*) FROM records INDEXED BY records_by_change WHERE ns = ? AND deleted <> 0";
constexpr auto sql_namespace = "SELECT key FROM namespaces WHERE name = ?";

constexpr std::size_t most_cached_namespaces = 10'000;

std::optional<MemoryType> known_type(std::int64_t number) {
  for (const auto type : {MemoryType::working, MemoryType::episodic, MemoryType::semantic, MemoryType::skill,
                          MemoryType::session})
    if (number_of(type) == number) return type;
  return std::nullopt;
}

MemoryType type_from(std::int64_t number) {
  if (const auto type = known_type(number)) return *type;
  throw Error(errc::corrupt,
              fmt::format("a record of unknown type {} is in the database; use a newer comem, or "
                          "restore a backup",
                          number));
}

std::uint32_t small_number(std::int64_t number) {
  if (number >= 0 && number <= std::numeric_limits<std::uint32_t>::max())
    return static_cast<std::uint32_t>(number);
  throw Error(errc::corrupt, fmt::format("its version counts {}", number));
}

Record read_record(const Statement& row, const std::string& ns) {
  Record record;
  record.key = RecordKey(ns, type_from(row.integer(0)), row.bytes(1));
  record.change = row.number(2);
  record.version = Version{row.integer(3), small_number(row.integer(4)), row.bytes(5)};
  record.deleted = row.integer(6) != 0;
  record.expires_at = row.time(7);
  record.created_at = row.time(8);
  record.writer = row.bytes(9);
  record.lookup = row.bytes(10);
  record.score = row.real(11);
  const auto counters = row.bytes(12);
  record.value = row.bytes(13);
  if (!row.null(14) && row.integer(14) != record_sum(record, counters))
    throw Error(errc::corrupt, "its checksum is wrong");
  record.counters = CounterSet::decode(counters);
  return record;
}

/// Nothing for a row that cannot be read: scans go on with the next, so that it disturbs no other record.
std::optional<Record> readable(const Statement& row, const std::string& ns) {
  try {
    return read_record(row, ns);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Reads on past unreadable rows, so that fewer records than `limit` mean the end.
std::vector<Record> read_records(Statement& statement, const std::string& ns, std::size_t limit) {
  std::vector<Record> records;
  while (records.size() < limit && statement.step())
    if (auto record = readable(statement, ns)) records.push_back(*std::move(record));
  return records;
}

}  // namespace

std::int64_t number_of(MemoryType type) noexcept {
  switch (type) {
    case MemoryType::working:
      return 0;
    case MemoryType::episodic:
      return 1;
    case MemoryType::semantic:
      return 2;
    case MemoryType::skill:
      return 3;
    case MemoryType::session:
      return 4;
  }
  return -1;
}

std::optional<std::int64_t> Queries::namespace_key(const std::string& ns) {
  if (const auto known = namespaces_.find(ns); known != namespaces_.end()) return known->second;
  auto statement = connection_.prepare(sql_namespace);
  statement.bind(std::string_view(ns));
  if (!statement.step()) return std::nullopt;
  if (namespaces_.size() >= most_cached_namespaces) namespaces_.clear();
  return namespaces_[ns] = statement.integer(0);
}

std::optional<Record> Queries::get(const RecordKey& key) {
  const auto ns = namespace_key(key.ns);
  if (!ns) return std::nullopt;
  auto statement = connection_.prepare(sql_get.c_str());
  statement.bind(*ns).bind(number_of(key.type)).bind(std::string_view(key.id));
  if (!statement.step()) return std::nullopt;
  try {
    return read_record(statement, key.ns);
  } catch (const Error& error) {
    throw Error(errc::corrupt,
                fmt::format("{} record '{}' of namespace '{}' cannot be read ({}); `comem doctor --repair` "
                            "fetches it from Redis",
                            name_of(key.type), printable(key.id), printable(key.ns), error.what()));
  }
}

std::vector<Record> Queries::find(const std::string& ns, MemoryType type, const std::string& lookup,
                                  TimePoint now, std::size_t limit) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare((lookup.empty() ? sql_find_without_lookup : sql_find).c_str());
  statement.bind(*key).bind(number_of(type)).bind(std::string_view(lookup)).bind(now).bind(row_limit(limit));
  return read_records(statement, ns, limit);
}

std::vector<Record> Queries::list(const std::string& ns, MemoryType type, const std::string& after_id,
                                  TimePoint now, std::size_t limit) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare(sql_list.c_str());
  statement.bind(*key).bind(number_of(type)).bind(std::string_view(after_id)).bind(now);
  return read_records(statement, ns, limit);
}

std::vector<Record> Queries::newest(const std::string& ns, const std::vector<MemoryType>& types,
                                    TimePoint now, std::size_t limit) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  std::int64_t wanted = 0;
  for (const auto type : types) wanted |= std::int64_t{1} << number_of(type);
  auto statement = connection_.prepare(sql_newest.c_str());
  statement.bind(*key).bind(wanted).bind(now);
  return read_records(statement, ns, limit);
}

std::uint64_t Queries::last_change() {
  auto statement = connection_.prepare(sql_last_change);
  return statement.step() ? statement.number(0) : 0;
}

std::vector<Record> Queries::changes(const std::string& ns, std::uint64_t after, std::size_t limit) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare(sql_changes.c_str());
  statement.bind(*key).bind(after);
  return read_records(statement, ns, limit);
}

std::vector<Record> Queries::unmarked(const std::string& ns, std::int64_t model, std::uint64_t change,
                                      TimePoint now, std::size_t limit) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare(sql_unmarked.c_str());
  statement.bind(*key).bind(change).bind(now).bind(model);
  return read_records(statement, ns, limit);
}

std::vector<storage::OutboxRow> Queries::outbox(const std::string& ns, std::uint64_t after,
                                                const std::string& origin, std::uint64_t others_through,
                                                std::size_t limit) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare(sql_outbox.c_str());
  statement.bind(*key).bind(after).bind(std::string_view(origin)).bind(others_through);
  std::vector<storage::OutboxRow> rows;
  std::size_t bytes = 0;
  while (rows.size() < limit && bytes < storage::outbox_page_bytes && statement.step()) {
    auto record = readable(statement, ns);
    if (!record) continue;
    bytes += record->value.size();
    storage::OutboxRow row;
    row.record = *std::move(record);
    row.change = statement.number(record_columns);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::uint64_t Queries::first_of_others(const std::string& ns, const std::string& origin) {
  const auto key = namespace_key(ns);
  if (!key) return 0;
  auto statement = connection_.prepare(sql_first_of_others);
  statement.bind(*key).bind(std::string_view(origin));
  return statement.step() ? statement.number(0) : 0;
}

std::uint64_t Queries::unshared(const std::string& ns) {
  const auto key = namespace_key(ns);
  if (!key) return 0;
  auto statement = connection_.prepare(sql_unshared);
  statement.bind(*key);
  return statement.step() ? statement.number(0) : 0;
}

storage::Position Queries::position(const std::string& ns) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare(sql_position);
  statement.bind(*key);
  if (!statement.step()) return {};
  return {statement.bytes(0), statement.number(1)};
}

TimePoint Queries::in_step_at(const std::string& ns) {
  const auto key = namespace_key(ns);
  if (!key) return {};
  auto statement = connection_.prepare(sql_in_step_at);
  statement.bind(*key);
  return statement.step() ? statement.time(0) : TimePoint();
}

std::optional<std::string> Queries::operation(const std::string& ns, const std::string& id, TimePoint now) {
  const auto key = namespace_key(ns);
  if (!key) return std::nullopt;
  auto statement = connection_.prepare(sql_operation);
  statement.bind(*key).bind(std::string_view(id)).bind(now);
  if (!statement.step()) return std::nullopt;
  return statement.bytes(0);
}

storage::Counts Queries::counts(const std::string& ns, TimePoint now) {
  storage::Counts counts;
  const auto key = namespace_key(ns);
  if (!key) return counts;
  auto live = connection_.prepare(sql_live);
  live.bind(*key).bind(now);
  while (live.step())
    if (const auto type = known_type(live.integer(0))) counts.live[*type] = live.number(1);
  auto tombstones = connection_.prepare(sql_tombstones);
  tombstones.bind(*key);
  if (tombstones.step()) counts.tombstones = tombstones.number(0);
  counts.unshared = unshared(ns);
  return counts;
}

Queries::Examined Queries::examine() {
  Examined found;
  {
    auto statement = connection_.prepare(sql_examine.c_str());
    while (statement.step()) {
      ++found.records;
      if (!statement.null(record_columns) && readable(statement, statement.bytes(record_columns))) continue;
      ++found.unreadable;
      if (!statement.null(record_columns + 1)) ++found.queued_unreadable;
    }
  }
  auto queued = connection_.prepare(sql_queued);
  if (!queued.step()) return found;
  found.queued = queued.number(0);
  found.queued_unreadable += queued.number(0) - queued.number(1);
  return found;
}

}  // namespace comem::sqlite
