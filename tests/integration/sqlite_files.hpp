#pragma once
// A directory of its own for each test of the SQLite store, and what is looked at in it.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "adapters/sqlite/sqlite_store.hpp"
#include "core/ids.hpp"

namespace comem::testing {

class Directory {
 public:
  Directory() : path_(std::filesystem::temp_directory_path() / ("comem-sqlite-" + make_random_id())) {
    std::filesystem::create_directory(path_);
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string file(const std::string& name = "store.db") const { return (path_ / name).string(); }
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Every file with its bytes. Not while this process has a store open there: reading a file by another way
  /// than SQLite's, and closing it, drops the process's locks on it.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_))
      if (entry.is_regular_file()) files[entry.path().filename().string()] = read_bytes(entry.path());
    return files;
  }

  static std::string read_bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<sqlite::SqliteStore> open_file(const std::string& path, std::size_t readers = 2) {
  sqlite::SqliteOptions options;
  options.path = path;
  options.reader_threads = readers;
  return sqlite::open_sqlite_store(options);
}

}  // namespace comem::testing
