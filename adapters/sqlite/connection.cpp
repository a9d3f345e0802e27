#include "adapters/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace comem::sqlite {
namespace {

bool is_trouble(int primary) {
  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
         primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PROTOCOL;
}

}  // namespace

Statement::Statement(Connection& connection, sqlite3_stmt* statement) noexcept
    : connection_(connection), statement_(statement) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_) {}

Statement::~Statement() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

void Statement::check(int code) {
  if (code != SQLITE_OK) throw connection_.error(code);
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::uint64_t value) {
  return bind(static_cast<std::int64_t>(value));
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_, ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::string_view bytes) {
  // A null pointer would bind NULL, which an empty string is not.
  const char* data = bytes.empty() ? "" : bytes.data();
  check(sqlite3_bind_blob64(statement_, ++bound_, data, bytes.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind(TimePoint time) {
  return bind(std::int64_t{time.time_since_epoch().count()});
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw connection_.error(code);
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::uint64_t Statement::number(int column) const {
  return static_cast<std::uint64_t>(integer(column));
}

double Statement::real(int column) const {
  if (null(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement_, column);
}

TimePoint Statement::time(int column) const {
  return TimePoint(Milliseconds(integer(column)));
}

std::string Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string() : std::string(data, size);
}

bool Statement::null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Connection::Connection(std::string path, errc failure) : path_(std::move(path)), failure_(failure) {
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    const Error failed = error(code);
    sqlite3_close(handle_);
    throw failed;
  }
  sqlite3_busy_handler(handle_, &Connection::on_busy, this);
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Statement Connection::prepare(const char* sql) {
  auto& statement = statements_[sql];
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) throw error(code);
  }
  return Statement(*this, statement);
}

void Connection::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw error(code);
}

std::int64_t Connection::ask_integer(const char* sql) {
  const auto text = ask_text(sql);
  return text.empty() ? 0 : std::stoll(text);
}

std::string Connection::ask_text(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (const int code = sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr); code != SQLITE_OK)
    throw error(code);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner(statement, &sqlite3_finalize);
  const int code = sqlite3_step(statement);
  if (code == SQLITE_DONE) return {};
  if (code != SQLITE_ROW) throw error(code);
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  return text == nullptr ? std::string() : std::string(text);
}

bool Connection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(handle_) == 0;
}

void Connection::rollback() noexcept {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::keep_log_on_close(bool keep) noexcept {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

int Connection::on_busy(void* self, int attempt) {
  // SQLite's own handler sleeps up to 100 ms at a time, many times as long as another process's commit takes.
  // Counting the pauses instead of asking a clock keeps the limit free of jumps.
  auto& connection = *static_cast<Connection*>(self);
  if (attempt == 0) connection.waited_ = std::chrono::microseconds(0);
  if (connection.waited_ >= connection.patience_) return 0;
  const std::chrono::microseconds pause(std::min(100 << std::min(attempt, 6), 5000));
  std::this_thread::sleep_for(pause);
  connection.waited_ += pause;
  return 1;
}

Error Connection::error(int code) const {
  const char* text = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  troubled_ = troubled_ || is_trouble(code & 0xff);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(
          errc::corrupt,
          fmt::format("database '{}' is damaged ({}); restore a backup, or try `sqlite3 FILE .recover`",
                      path_, text));
    case SQLITE_FULL:
      return Error(failure_, fmt::format("no space left for database '{}'; make room and try again", path_));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(
          failure_,
          fmt::format("database '{}' stayed locked by another process; end that or try again", path_));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return Error(failure_,
                   fmt::format("database '{}' cannot be used ({}); check the permissions of the file and of "
                               "its directory",
                               path_, text));
    default:
      return Error(failure_, fmt::format("database '{}' failed: {} (SQLite code {})", path_, text, code));
  }
}

}  // namespace comem::sqlite
