#pragma once
// One SQLite connection with its prepared statements, and the translation of SQLite's errors into ours. It
// knows no table. For one thread at a time.

#include <comem/clock.hpp>
#include <comem/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace comem::sqlite {

class Connection;

/// What a LIMIT takes: SQL counts in signed numbers, and below zero means all.
constexpr std::int64_t row_limit(std::size_t limit) noexcept {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

/// One use of a prepared statement: bind, step, read columns; the destructor makes it ready for the next use.
/// Bound bytes must outlive it.
class Statement {
 public:
  Statement(Connection& connection, sqlite3_stmt* statement) noexcept;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// The next parameter, from the left. Bytes are bound as BLOB, so that any byte is kept and order is
  /// bytewise.
  Statement& bind(std::int64_t value);
  Statement& bind(std::uint64_t value);
  Statement& bind(double value);
  Statement& bind(std::string_view bytes);
  Statement& bind(TimePoint time);

  /// True when there is a row to read.
  bool step();
  /// Steps to the end.
  void run();

  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const;
  double real(int column) const;  ///< not a number where the column is NULL
  TimePoint time(int column) const;
  std::string bytes(int column) const;
  bool null(int column) const;

 private:
  void check(int code);

  Connection& connection_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Connection {
 public:
  static constexpr std::chrono::milliseconds usual_patience{5000};

  /// Opens an existing file or ":memory:". `failure` is the code of errors that have none of their own.
  Connection(std::string path, errc failure);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// `sql` must live as long as the connection: statements are kept by its address.
  Statement prepare(const char* sql);
  /// Runs one or more statements without parameters or results.
  void execute(const char* sql);
  /// First column of the first row of a query without parameters; it is not kept.
  std::int64_t ask_integer(const char* sql);
  std::string ask_text(const char* sql);

  bool in_transaction() const noexcept;
  /// Ends a transaction, if there is one, without effect.
  void rollback() noexcept;

  /// How long a statement waits, with growing pauses, for another process's lock.
  void wait_for_locks(std::chrono::milliseconds most) noexcept { patience_ = most; }
  /// Whether the last connection leaves the write-ahead log as it is instead of merging it into the file.
  void keep_log_on_close(bool keep) noexcept;
  void failure_code(errc code) noexcept { failure_ = code; }

  sqlite3* handle() const noexcept { return handle_; }
  const std::string& path() const noexcept { return path_; }
  /// The error for an SQLite result code of this connection.
  Error error(int code) const;
  /// Whether an error came up, since this was last asked, that a fresh connection may not have: of the disk,
  /// or damage seen.
  bool was_troubled() noexcept { return std::exchange(troubled_, false); }

 private:
  static int on_busy(void* self, int attempt);

  std::string path_;
  errc failure_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  mutable bool troubled_ = false;
  std::chrono::milliseconds patience_ = usual_patience;
  std::chrono::microseconds waited_{0};
};

}  // namespace comem::sqlite
