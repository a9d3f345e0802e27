#pragma once
// The rival of search: SQLite's FTS5 over the same texts.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace comem::bench {

/// A table in memory with Porter stems, merged into one segment, so that it is at its fastest. Throws
/// std::runtime_error.
class FtsRival {
 public:
  explicit FtsRival(const std::vector<std::string>& texts);

  /// Whether this SQLite has FTS5.
  static bool available();

  /// Rows of the best ten that have any word of `query`, best first, by bm25().
  std::vector<std::int64_t> search(const std::string& query);
  /// Seconds that it took to add all rows.
  double seconds_to_build() const noexcept { return seconds_; }

 private:
  void run(const char* sql);
  struct Close {
    void operator()(sqlite3* db) const noexcept;
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;
  Statement prepare(const char* sql);

  std::unique_ptr<sqlite3, Close> db_;
  Statement search_;
  double seconds_ = 0;
};

}  // namespace comem::bench
