#include "adapters/sqlite/commit_stamp.hpp"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <exception>

namespace comem::sqlite {
namespace {

constexpr int region_bytes = 32768;  // of the index, WALINDEX_PGSZ: SQLite maps it in pieces of this size
constexpr std::size_t header_words = 6;
constexpr std::uint32_t known_format = 3007000;  // the first word of the header

/// Whether the connection has opened the log, as it does when it reads from the file in WAL mode. What is
/// mapped without it nobody would release: SQLite does that when it closes the log.
bool has_log(Connection& connection) noexcept {
  try {
    connection.ask_integer("PRAGMA schema_version");
    return connection.ask_text("PRAGMA journal_mode") == "wal";
  } catch (const std::exception&) {
    return false;
  }
}

/// The mapped beginning of the log's index; nullptr where there is none.
const std::uint64_t* mapped_header(sqlite3* handle) noexcept {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return nullptr;
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) return nullptr;
  if (file->pMethods->xShmMap == nullptr) return nullptr;
  volatile void* region = nullptr;
  constexpr int no_extension = 0;
  const int code = file->pMethods->xShmMap(file, 0, region_bytes, no_extension, &region);
  if (code != SQLITE_OK || region == nullptr) return nullptr;
  const auto* words = static_cast<const std::uint64_t*>(const_cast<const void*>(region));
  const auto format = *reinterpret_cast<const volatile std::uint32_t*>(words);
  return format == known_format ? words : nullptr;
}

/// SQLite's counter of transactions, the third number of 32 bits of the header.
std::uint32_t transactions(const storage::StoreStamp& stamp) noexcept {
  std::uint32_t count = 0;
  std::memcpy(&count, &stamp.words[1], sizeof count);
  return count;
}

}  // namespace

bool CommitStamp::apart(const storage::StoreStamp& before, const storage::StoreStamp& after,
                        std::uint64_t commits) noexcept {
  const std::uint32_t passed = transactions(after) - transactions(before);
  return before.words[header_words] == after.words[header_words] && passed == commits;
}

void CommitStamp::watch(Connection& connection) noexcept {
  const auto* header = has_log(connection) ? mapped_header(connection.handle()) : nullptr;
  const std::lock_guard lock(mutex_);
  header_ = header;
  ++generation_;
}

void CommitStamp::forget() noexcept {
  const std::lock_guard lock(mutex_);
  header_ = nullptr;
}

std::optional<storage::StoreStamp> CommitStamp::read() const noexcept {
  static_assert(std::tuple_size_v<decltype(storage::StoreStamp::words)> == header_words + 1);
  const std::lock_guard lock(mutex_);
  if (header_ == nullptr) return std::nullopt;
  // A header that is being written is read in part: it then equals no other, for its checksum does not fit.
  // One that equals an earlier one had not been written over when its counter was read.
  storage::StoreStamp stamp;
  for (std::size_t i = 0; i < header_words; ++i)
    stamp.words[i] = __atomic_load_n(header_ + i, __ATOMIC_ACQUIRE);
  stamp.words[header_words] = generation_;
  return stamp;
}

}  // namespace comem::sqlite
