#pragma once
// Reads, counted in memory until somebody writes them down: a read must not cost a write.

#include <comem/memory.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

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

  void add(std::string_view ns, MemoryType type, std::string_view id, TimePoint now);
  /// One of each; nullptr stands for none.
  void add_all(std::string_view ns, const std::vector<const Memory*>& memories, TimePoint now);
  /// Everything counted since the last take().
  std::map<RecordKey, Entry> take();

 private:
  static constexpr std::size_t max_entries = 10'000;  // beyond it further records are not counted

  /// Looking up copies no name.
  struct KeyView {
    KeyView(std::string_view ns_, MemoryType type_, std::string_view id_) : ns(ns_), type(type_), id(id_) {}
    KeyView(const RecordKey& key) : KeyView(key.ns, key.type, key.id) {}
    std::string_view ns;
    MemoryType type;
    std::string_view id;
    bool operator==(const KeyView&) const = default;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const KeyView& key) const;  // not noexcept, so that it is kept beside the entries
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const noexcept { return a == b; }
  };

  void count(const KeyView& key, TimePoint now);

  std::mutex mutex_;
  std::unordered_map<RecordKey, Entry, Hash, Equal> entries_;
};

}  // namespace comem::storage
