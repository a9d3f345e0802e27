#pragma once
// Reads, counted in memory until somebody writes them down: a read must not cost a write.

#include <cstdint>
#include <map>
#include <mutex>

#include "core/record.hpp"

namespace comem::storage {

/// Thread-safe.
class AccessLog {
 public:
  struct Entry {
    Entry() = default;
    std::uint64_t count = 0;
    TimePoint last{};
  };

  void add(const RecordKey& key, TimePoint now);
  /// Everything counted since the last take().
  std::map<RecordKey, Entry> take();

 private:
  static constexpr std::size_t max_entries = 10'000;  // beyond it further records are not counted

  std::mutex mutex_;
  std::map<RecordKey, Entry> entries_;
};

}  // namespace comem::storage
