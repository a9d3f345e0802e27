#include "adapters/sqlite/diagnosis.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

#include <fmt/format.h>

#include "adapters/sqlite/file_check.hpp"
#include "adapters/sqlite/queries.hpp"
#include "adapters/sqlite/schema.hpp"
#include "adapters/sqlite/vectors.hpp"

namespace comem::sqlite {
namespace {

constexpr std::uintmax_t mebibyte = 1u << 20;
constexpr std::uintmax_t long_log = 64 * mebibyte;
constexpr std::uintmax_t little_space = 100 * mebibyte;
constexpr int sqlite_with_sound_reset = 3'051'003;

Finding finding(std::string subject, std::string text) {
  Finding result;
  result.subject = std::move(subject);
  result.text = std::move(text);
  return result;
}

Finding finding(std::string subject, Finding::Severity severity, std::string text, std::string remedy) {
  auto result = finding(std::move(subject), std::move(text));
  result.severity = severity;
  result.remedy = std::move(remedy);
  return result;
}

Finding integrity(Connection& connection) {
  std::string found;
  try {
    found = connection.ask_text("PRAGMA integrity_check(1)");
  } catch (const Error& error) {
    found = error.what();
  }
  if (found == "ok") return finding("database", fmt::format("'{}' is sound", connection.path()));
  return finding("database", Finding::Severity::error,
                 fmt::format("'{}' is damaged: {}", connection.path(), found),
                 "restore a backup, or try `sqlite3 FILE .recover`");
}

constexpr auto fetch_again =
    "`comem doctor --repair` fetches from Redis what it holds of these; else restore a backup";

Finding records(const Queries::Examined& found) {
  if (found.unreadable == 0) return finding("records", fmt::format("all {} can be read", found.records));
  return finding("records", Finding::Severity::error,
                 fmt::format("{} of {} cannot be read", found.unreadable, found.records), fetch_again);
}

Finding outbox(const Queries::Examined& found) {
  if (found.queued_unreadable == 0)
    return finding("outbox", fmt::format("all {} waiting records can be read", found.queued));
  return finding("outbox", Finding::Severity::error,
                 fmt::format("{} of {} waiting records cannot be read and shared", found.queued_unreadable,
                             found.queued),
                 fetch_again);
}

Finding vectors(const ExaminedVectors& found) {
  if (found.damaged == 0) return finding("vectors", fmt::format("all {} can be read", found.vectors));
  return finding("vectors", Finding::Severity::warning,
                 fmt::format("{} of {} damaged", found.damaged, found.vectors),
                 "search goes without them; a process with embedding on makes them anew");
}

std::vector<Finding> contents(Connection& connection) {
  try {
    const auto found = Queries(connection).examine();
    std::vector<Finding> findings{records(found), outbox(found)};
    const auto embedded = examine_vectors(connection);
    if (embedded.vectors != 0) findings.push_back(vectors(embedded));
    return findings;
  } catch (const Error& error) {
    return {finding("records", Finding::Severity::error, error.what(), "restore a backup")};
  }
}

Finding schema(Connection& connection) {
  return finding("schema",
                 fmt::format("version {}, which is current", connection.ask_integer("PRAGMA user_version")));
}

Finding size(Connection& connection) {
  const auto pages = connection.ask_integer("PRAGMA page_count");
  const auto free = connection.ask_integer("PRAGMA freelist_count");
  const auto bytes = pages * connection.ask_integer("PRAGMA page_size");
  auto text = fmt::format("{:.1f} MB, {} of {} pages free", static_cast<double>(bytes) / 1e6, free, pages);
  if (pages < 1000 || free * 2 < pages) return finding("size", std::move(text));
  return finding(
      "size", Finding::Severity::warning, std::move(text),
      "free pages are reused; to give them back, run `sqlite3 FILE VACUUM` while nothing uses the file");
}

Finding log(const std::string& path) {
  const auto bytes = file_size_or_zero(path + "-wal");
  auto text = fmt::format("write-ahead log of {:.1f} MB", static_cast<double>(bytes) / 1e6);
  if (bytes < long_log) return finding("log", std::move(text));
  return finding("log", Finding::Severity::warning, std::move(text),
                 "a process keeps a read open, or was killed: end idle processes, then write something");
}

Finding permissions(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0)
    return finding("permissions", Finding::Severity::error, "the file is gone from its place",
                   "close this store before its file is moved or removed");
  const auto mode = static_cast<unsigned>(status.st_mode) & 0777u;
  if ((mode & 077u) == 0)
    return finding("permissions", fmt::format("mode {:04o}, only its owner can read it", mode));
  return finding("permissions", Finding::Severity::warning,
                 fmt::format("mode {:04o}: other users of this machine can reach the memories", mode),
                 fmt::format("chmod 600 '{}'", path));
}

Finding disk(const std::string& path) {
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::path(path).parent_path(), error);
  if (error) return finding("disk", "free space is unknown");
  auto text = fmt::format("{} MB free", space.available / mebibyte);
  if (space.available >= little_space) return finding("disk", std::move(text));
  return finding("disk", Finding::Severity::warning, std::move(text),
                 "make room: a full disk rejects writes");
}

Finding sqlite_version() {
  auto text = fmt::format("SQLite {}", sqlite3_libversion());
  if (sqlite3_libversion_number() < sqlite_with_sound_reset)
    text +=
        ", whose log reset bug (fixed in 3.51.3) is avoided; other programs should not write to this file";
  return finding("sqlite", std::move(text));
}

}  // namespace

std::vector<Finding> diagnose(Connection& connection) {
  std::vector<Finding> findings{integrity(connection), schema(connection), size(connection),
                                sqlite_version()};
  auto inside = contents(connection);
  findings.insert(findings.begin() + 1, inside.begin(), inside.end());
  const auto& path = connection.path();
  if (path == ":memory:") return findings;
  findings.push_back(log(path));
  findings.push_back(permissions(path));
  findings.push_back(disk(path));
  return findings;
}

}  // namespace comem::sqlite
