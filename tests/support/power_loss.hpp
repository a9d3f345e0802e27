#pragma once
// What of a database's files would stand on the disk if the machine lost its power: whatever was synced, and
// of what was written since (or in vain, when a sync failed) nothing, everything, or any part.

#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/support/faulty_files.hpp"

namespace comem::testing {

/// Thread-safe.
class PowerLoss final : public FileObserver {
 public:
  enum class Survives { nothing, some, everything };

  /// The power fails once `calls` more writes, truncations and syncs were made. The program goes on, but what
  /// it does from then on leaves no trace.
  void strike_after(int calls);
  bool struck() const;

  /// Writes the files as they would be found, by their names, into an empty directory.
  void restore(const std::filesystem::path& directory, Survives survives, std::mt19937_64& random) const;

  void written(const std::string& path, std::string_view bytes, std::int64_t at) override;
  void truncated(const std::string& path, std::int64_t size) override;
  void synced(const std::string& path) override;
  void sync_failed(const std::string& path) override;
  void removed(const std::string& path) override;

 private:
  struct Change {
    bool truncates = false;
    std::size_t at = 0;  ///< or the new size
    std::string bytes;
  };
  struct File {
    std::string durable;
    std::vector<Change> pending;
    bool ever_synced = false;
  };

  /// Whether the call still counts.
  bool powered();
  static void apply(std::string& content, const Change& change);

  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  int calls_left_ = -1;
  bool struck_ = false;
};

}  // namespace comem::testing
