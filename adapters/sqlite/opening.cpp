#include "adapters/sqlite/opening.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "adapters/sqlite/file_check.hpp"
#include "adapters/sqlite/schema.hpp"
#include "adapters/sqlite/set_aside.hpp"
#include "core/utf8.hpp"

namespace comem::sqlite {
namespace {

constexpr std::size_t most_readers = 64;
constexpr std::uintmax_t small_file = 4u << 20;  // read whole in about 10 ms
constexpr auto sql_store_id = "SELECT CAST(value AS TEXT) FROM meta WHERE name = 'store_id'";

std::string absolute(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    throw Error(errc::invalid_argument,
                fmt::format("database path '{}' is empty or holds a NUL byte; name a file", printable(path)));
  if (path == ":memory:") return path;
  // Absolute, so that a later change of directory does no harm and no name is taken for a "file:" address.
  // Links are followed here: SQLite's file layer refuses them, and the log stands beside the file itself.
  const auto absolute = std::filesystem::absolute(path);
  std::error_code error;
  const auto real = std::filesystem::canonical(absolute, error);
  return error ? absolute.string() : real.string();
}

void set_up(Connection& connection) {
  // Forgotten memories must not linger in free pages; temporary structures stay out of the file system.
  connection.execute(
      "PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; "
      "PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 8388608; PRAGMA cache_size = -8000");
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

[[noreturn]] void newer(const std::string& path, std::int64_t version) {
  throw Error(errc::unsupported,
              fmt::format("database '{}' has schema {}, this comem knows {}; use a newer comem", path,
                          version, schema_version));
}

/// Whether the database, its log included, holds our tables; false for an empty one. Throws for anything
/// else. To be called in a transaction: another process may be creating the tables just now.
bool recognise(Connection& connection) {
  const auto application = connection.ask_integer("PRAGMA application_id");
  const auto version = connection.ask_integer("PRAGMA user_version");
  const auto tables = connection.ask_integer("SELECT count(*) FROM sqlite_schema");
  if (application == 0 && version == 0 && tables == 0) return false;
  if (application != application_id)
    throw Error(errc::unsupported,
                fmt::format("'{}' is a database of another program, not of comem; name another file",
                            connection.path()));
  if (version > schema_version) newer(connection.path(), version);
  return true;
}

[[noreturn]] void incomplete(const Connection& connection) {
  throw Error(errc::corrupt,
              fmt::format("database '{}' lacks some of its tables; restore a backup", connection.path()));
}

/// Damage that can be seen cheaply: header and schema of any file, every page of a small one.
void check_soundness(Connection& connection) {
  if (connection.ask_integer("PRAGMA user_version") == schema_version && !is_complete(connection))
    incomplete(connection);
  if (connection.path() != ":memory:" && file_size_or_zero(connection.path()) > small_file) return;
  const auto found = connection.ask_text("PRAGMA quick_check(1)");
  if (found != "ok")
    throw Error(errc::corrupt,
                fmt::format("database '{}' is damaged ({}); restore a backup, or try `sqlite3 FILE .recover`",
                            connection.path(), found));
}

/// Creates the tables, or brings them up to date, in one transaction. Another process may be at the same
/// thing.
void create_or_migrate(Connection& connection, const Clock& clock) {
  // Not yet in WAL mode when created: so the main file itself is ours from its first byte, whatever happens
  // next.
  connection.execute("BEGIN EXCLUSIVE");
  try {
    const bool existing = recognise(connection);
    migrate(connection);
    if (!existing) fill_new(connection, clock.now());
    if (!is_complete(connection)) incomplete(connection);
    connection.execute("COMMIT");
  } catch (...) {
    connection.rollback();
    throw;
  }
}

/// SQLite does not always wait for other connections here, hence the loop.
void switch_to_log(Connection& connection) {
  for (int attempt = 0; attempt < 500; ++attempt) {
    std::string mode;
    try {
      mode = connection.ask_text("PRAGMA journal_mode = WAL");
    } catch (const Error& error) {
      if ((sqlite3_errcode(connection.handle()) & 0xff) != SQLITE_BUSY) throw;
    }
    if (mode == "wal") return;
    if (!mode.empty() && mode != "delete")
      throw Error(errc::unavailable,
                  fmt::format("database '{}' cannot keep a write-ahead log (mode {}); use a local disk",
                              connection.path(), mode));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw Error(
      errc::unavailable,
      fmt::format(
          "database '{}' stayed locked or cannot keep a write-ahead log; use a local disk, or try again",
          connection.path()));
}

std::unique_ptr<Connection> connect(const std::string& path) {
  auto connection = std::make_unique<Connection>(path, errc::unavailable);
  set_up(*connection);
  return connection;
}

std::unique_ptr<Connection> connect_first(const std::string& path, const Clock& clock) {
  const bool memory = path == ":memory:";
  // A log left by a killed process is merged into the file by the last connection that closes; not before the
  // file is known to be ours.
  const bool log_left = !memory && file_size_or_zero(path + "-wal") > 0;
  auto connection = std::make_unique<Connection>(path, errc::unavailable);
  if (log_left) connection->keep_log_on_close(true);
  connection->execute("BEGIN");
  const bool existing = recognise(*connection);
  if (existing) check_soundness(*connection);
  connection->execute("COMMIT");
  set_up(*connection);
  if (!existing || connection->ask_integer("PRAGMA user_version") < schema_version)
    create_or_migrate(*connection, clock);
  if (!memory) switch_to_log(*connection);
  connection->keep_log_on_close(false);
  return connection;
}

/// What opens further connections while the store is open. Each makes sure that it is still the same file.
void provide_connections(OpenDatabase& database) {
  const auto further = [path = database.path, id = database.store_id](bool reader) {
    auto connection = connect(path);
    if (connection->ask_text(sql_store_id) != id)
      throw Error(errc::unavailable, fmt::format("'{}' was replaced by another database", path));
    if (reader) connection->execute("PRAGMA query_only = ON");
    return connection;
  };
  database.connect_writer = [further] {
    auto connection = further(false);
    connection->failure_code(errc::rejected);
    return connection;
  };
  database.connect_locker = [further] { return further(false); };
  database.connect_reader = [further, place = database.place] {
    auto connection = further(true);
    if (const auto missing = place->missing(); !missing.empty()) throw Error(errc::unavailable, missing);
    return connection;
  };
}

/// The first connection, and with it the tables. Creates the file where there is none.
std::unique_ptr<Connection> connect_or_create(const std::string& path, const Clock& clock) {
  if (path != ":memory:" && check_file(path) == FileKind::absent) create_private_file(path);
  return connect_first(path, clock);
}

/// The same, and where the file turns out to be damaged, and only then, once more without it.
std::unique_ptr<Connection> connect_or_set_aside(const std::string& path, const SqliteOptions& options,
                                                 const Clock& clock) {
  if (path == ":memory:") return connect_or_create(path, clock);
  check_file(path);  // what it refuses is not ours to move
  try {
    return connect_or_create(path, clock);
  } catch (const Error& error) {
    if (error.code() != errc::corrupt) throw;
  }
  const DirectoryLock lock(path);
  check_file(path);
  try {
    return connect_or_create(path, clock);  // another process may have set it aside meanwhile
  } catch (const Error& error) {
    if (error.code() != errc::corrupt) throw;
    const auto aside = set_aside(path, clock.now());
    if (options.log)
      options.log(LogLevel::warning,
                  fmt::format("{}; it was set aside as '{}' and a new database begun", error.what(), aside));
  }
  return connect_or_create(path, clock);
}

}  // namespace

OpenDatabase open_database(const SqliteOptions& options) {
  const Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  if (options.reader_threads == 0 || options.reader_threads > most_readers)
    throw Error(errc::invalid_argument,
                fmt::format("reader_threads is {}; give 1 to {}", options.reader_threads, most_readers));
  OpenDatabase database;
  database.path = absolute(options.path);
  // One opening at a time: create_private_file() must not close a file that another thread has just locked.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  database.writer = options.set_aside_corrupt ? connect_or_set_aside(database.path, options, clock)
                                              : connect_or_create(database.path, clock);
  database.store_id = database.writer->ask_text(sql_store_id);
  database.schema_version = static_cast<int>(database.writer->ask_integer("PRAGMA user_version"));
  database.writer->failure_code(errc::rejected);
  database.place = std::make_shared<FilePlace>(database.path);
  if (database.path == ":memory:") return database;
  database.place->remember();
  provide_connections(database);
  database.locker = database.connect_locker();
  for (std::size_t i = 0; i < options.reader_threads; ++i)
    database.readers.push_back(database.connect_reader());
  return database;
}

}  // namespace comem::sqlite
