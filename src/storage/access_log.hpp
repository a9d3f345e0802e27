#pragma once
// Reads, counted in memory until somebody writes them down: a read must not cost a write.

#include <comem/memory.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/record.hpp"

namespace comem::storage {

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

  /// The reads of one memory, for who holds on to it: to count another one looks nothing up.
  class Tally {
   public:
    explicit Tally(RecordKey key) : key_(std::move(key)) {}

   private:
    friend AccessLog;
    const RecordKey key_;
    Entry reads_;  // guarded by the mutex of the one log that it is given to; what take() has not handed over
  };
  using TallyPtr = std::shared_ptr<Tally>;

  void add(std::string_view ns, MemoryType type, std::string_view id, TimePoint now);
  void add(const TallyPtr& tally, TimePoint now);
  /// One of each; nullptr stands for none.
  void add_all(const std::vector<TallyPtr>& tallies, TimePoint now);
  /// Everything counted since the last take().
  std::map<RecordKey, Entry> take();

 private:
  static constexpr std::size_t max_entries = 10'000;  // beyond it further records are not counted
  static constexpr std::size_t max_tallies = 10'000;  // beyond it they are entered

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
  void count(const TallyPtr& tally, TimePoint now);
  void enter_tallies();

  std::mutex mutex_;
  std::unordered_map<RecordKey, Entry, Hash, Equal> entries_;
  std::vector<TallyPtr> tallies_;  // those with reads
};

}  // namespace comem::storage
