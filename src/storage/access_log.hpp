#pragma once
// Reads, counted in memory until somebody writes them down: a read must not cost a write.

#include <comem/any_memory.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/record.hpp"

namespace comem::storage {

class HotMemory;
using HotMemoryPtr = std::shared_ptr<HotMemory>;

/// Thread-safe.
class AccessLog {
 public:
  struct Entry {
    Entry() = default;
    Entry(std::uint64_t count_, TimePoint last_) noexcept : count(count_), last(last_) {}
    void add(const Entry& more) noexcept;
    std::uint64_t count = 0;
    TimePoint last{};
  };

  void add(std::string_view ns, MemoryType type, std::string_view id, TimePoint now);
  /// The same, looking nothing up.
  void add(const std::string& ns, const HotMemoryPtr& memory, TimePoint now);
  /// One of each; nullptr stands for none.
  void add_all(const std::string& ns, const std::vector<HotMemoryPtr>& memories, TimePoint now);
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

  void count(const KeyView& key, const Entry& more);
  void count(const std::string& ns, const HotMemoryPtr& memory, TimePoint now);

  struct Listed {
    Listed(std::string ns_, HotMemoryPtr memory_) : ns(std::move(ns_)), memory(std::move(memory_)) {}
    std::string ns;
    HotMemoryPtr memory;
  };

  std::mutex mutex_;
  std::unordered_map<RecordKey, Entry, Hash, Equal> entries_;
  std::vector<Listed> listed_;  // hot memories that were read since the last take()
};

/// A memory that is kept for those who read it again, and how often they did.
class HotMemory {
 public:
  explicit HotMemory(AnyMemory memory) : memory_(std::move(memory)) {}
  const AnyMemory& memory() const noexcept { return memory_; }

 private:
  friend AccessLog;
  const AnyMemory memory_;
  AccessLog::Entry reads_;  // guarded by the one log that counts them
};

}  // namespace comem::storage
