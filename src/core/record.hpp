#pragma once
// The unit of storage and sharing: one versioned record of one namespace. It knows nothing of what its value
// means.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>
#include <comem/version.hpp>

#include <cstdint>
#include <string>

#include "core/counters.hpp"

namespace comem {

struct RecordKey {
  RecordKey() = default;
  RecordKey(std::string ns_, MemoryType type_, std::string id_)
      : ns(std::move(ns_)), type(type_), id(std::move(id_)) {}

  std::string ns;
  MemoryType type = MemoryType::episodic;
  std::string id;

  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
  friend bool operator==(const RecordKey&, const RecordKey&) = default;
};

struct Record {
  Record() = default;

  RecordKey key;
  Version version;
  bool deleted = false;              ///< a tombstone: no value
  TimePoint expires_at = no_expiry;  ///< of a tombstone: when it may be dropped
  TimePoint created_at{};
  std::string writer;        ///< the agent that made this version
  std::string lookup;        ///< skill: its name; episodic: its session; working: its agent; else empty
  double score = 0.0;        ///< composite score at writing; orders the sorted sets in Redis
  std::string value;         ///< envelope bytes (core/envelope.hpp); empty when deleted
  CounterSet counters;       ///< merged, never overwritten
  std::uint64_t change = 0;  ///< number of the store's change that put it; not shared

  bool expired(TimePoint now) const noexcept { return expires_at != no_expiry && expires_at <= now; }
  bool live(TimePoint now) const noexcept { return !deleted && !expired(now); }
};

}  // namespace comem
