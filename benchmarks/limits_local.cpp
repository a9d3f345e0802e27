// The limits of a host: SQLite, the disk, memory.

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

#include "benchmarks/limits.hpp"

namespace comem::bench {
namespace {

constexpr auto tables = R"sql(
PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
CREATE TABLE clock(one INTEGER PRIMARY KEY, change INTEGER, ms INTEGER, counter INTEGER);
INSERT INTO clock VALUES(1, 0, 0, 0);
CREATE TABLE records(key INTEGER PRIMARY KEY, ns INTEGER, type INTEGER, id BLOB, change INTEGER, version_ms INTEGER,
  version_counter INTEGER, version_store BLOB, deleted INTEGER, expires_at INTEGER, created_at INTEGER, writer BLOB,
  lookup BLOB, score REAL, counters BLOB, value BLOB, sum INTEGER);
CREATE UNIQUE INDEX by_id ON records(ns, type, id);
CREATE INDEX by_change ON records(ns, change, type, deleted, expires_at);
CREATE INDEX by_lookup ON records(ns, type, lookup, created_at, id) WHERE lookup <> x'' AND deleted = 0;
CREATE INDEX by_expiry ON records(expires_at) WHERE expires_at <> 0;
CREATE TABLE outbox(record INTEGER PRIMARY KEY, ns INTEGER, change INTEGER, origin BLOB, queued_at INTEGER);
CREATE INDEX outbox_by_change ON outbox(ns, change);
)sql";
constexpr auto insert_record =
    "INSERT INTO records(ns, type, id, change, version_ms, version_counter, version_store, deleted, "
    "expires_at, "
    "created_at, writer, lookup, score, counters, value, sum) VALUES(1, 1, ?1, ?2, ?3, 0, 'store', 0, ?3, "
    "?3, "
    "'writer', 'session', 0.5, x'', ?4, 1)";
constexpr auto insert_queued = "INSERT INTO outbox VALUES(last_insert_rowid(), 1, ?1, 'origin', ?2)";
constexpr auto update_clock = "UPDATE clock SET change = ?1, ms = ?2 WHERE one = 1";

/// Nothing but what a transaction needs: statements are prepared once.
class Sqlite {
 public:
  Sqlite(const std::string& path, bool full) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error("no database at " + path);
    run(tables);
    run(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    record_ = prepare(insert_record);
    queued_ = prepare(insert_queued);
    clock_ = prepare(update_clock);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() {
    for (auto* statement : {begin_, commit_, record_, queued_, clock_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  void transaction(std::size_t rows, const std::string& value) {
    step(begin_);
    for (std::size_t i = 0; i < rows; ++i) put(value);
    sqlite3_bind_int64(clock_, 1, change_);
    sqlite3_bind_int64(clock_, 2, now());
    step(clock_);
    step(commit_);
  }

 private:
  sqlite3_int64 now() const { return 1'700'000'000'000 + change_; }

  void put(const std::string& value) {
    ++change_;
    // Ids in no order, as random ones are.
    const auto id = fmt::format("{:016x}", static_cast<std::uint64_t>(change_) * 0x9e3779b97f4a7c15u);
    sqlite3_bind_blob(record_, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
    sqlite3_bind_int64(record_, 2, change_);
    sqlite3_bind_int64(record_, 3, now());
    sqlite3_bind_blob(record_, 4, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    step(record_);
    sqlite3_bind_int64(queued_, 1, change_);
    sqlite3_bind_int64(queued_, 2, now());
    step(queued_);
  }

  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db_));
    return statement;
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr, *record_ = nullptr, *queued_ = nullptr,
               *clock_ = nullptr;
  sqlite3_int64 change_ = 0;
};

}  // namespace

Measurement measure_sqlite(const LimitSettings& settings, std::size_t rows) {
  Sqlite sqlite(settings.directory + "/limit.db", settings.full);
  const std::string value(settings.bytes, 'v');
  Measurement measured;
  measured.start();
  for (std::size_t i = 0; i < settings.n; i += rows) {
    const auto begin = Steady::now();
    sqlite.transaction(rows, value);
    const double each = ms_between(begin, Steady::now()) / static_cast<double>(rows);
    for (std::size_t k = 0; k < rows; ++k) measured.add(each);
  }
  measured.stop();
  return measured;
}

Measurement measure_fdatasync(const LimitSettings& settings) {
  const std::string path = settings.directory + "/limit.log";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  if (file < 0) throw std::runtime_error("no file at " + path);
  const std::string value(settings.bytes, 'v');
  Measurement measured;
  measured.start();
  for (std::size_t i = 0; i < settings.n; ++i) {
    const auto begin = Steady::now();
    if (write(file, value.data(), value.size()) < 0 || fdatasync(file) != 0)
      throw std::runtime_error("the disk failed");
    measured.add(ms_between(begin, Steady::now()));
  }
  measured.stop();
  close(file);
  return measured;
}

Measurement measure_map(const LimitSettings& settings) {
  constexpr std::size_t keys = 10'000;
  std::unordered_map<std::string, std::string> map;
  for (std::size_t i = 0; i < keys; ++i) map[fmt::format("memory-{}", i)] = std::string(settings.bytes, 'v');
  Measurement measured;
  measured.start();
  std::size_t copied = 0;
  for (std::size_t i = 0; i < settings.n; ++i) {
    const auto name = fmt::format("memory-{}", i * 7919 % keys);
    const auto begin = Steady::now();
    const std::string value = map.at(name);
    measured.add(ms_between(begin, Steady::now()));
    copied += value.size();
  }
  measured.stop();
  if (copied != settings.n * settings.bytes) throw std::runtime_error("a value is missing");
  return measured;
}

}  // namespace comem::bench
