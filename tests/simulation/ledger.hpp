#pragma once
// What was promised: every write that agents tried, what they were answered, and whether the stores keep to
// it.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/record.hpp"

namespace comem::simulation {

/// One write of an agent, from the moment in which its transaction ran.
struct Attempt {
  enum class Kind { put, forget, count };
  enum class State {
    open,    ///< not answered, or answered "unknown": may be there or not
    acked,   ///< answered
    undone,  ///< never was: rejected
    lost     ///< a power failure took it, as it may with level local
  };
  Kind kind = Kind::put;
  State state = State::open;
  std::size_t host = 0;
  RecordKey key;
  Version version;                        // put, forget
  std::string value;                      // put
  TimePoint expires_at{};                 // put, forget
  Counter counter = Counter::executions;  // count
  std::uint64_t by = 0;                   // count
  bool power_safe = false;                // answered at level durable
};

using AttemptId = std::size_t;

class Ledger {
 public:
  /// Within a transaction; what is tried until end_transaction() belongs to it.
  AttemptId add(Attempt attempt);
  void begin_transaction() { current_.clear(); }
  std::vector<AttemptId> end_transaction() { return std::move(current_); }

  void acknowledged(AttemptId id, bool power_safe);
  void undone(const std::vector<AttemptId>& ids);
  /// A power failure took these commits. What was promised to be safe becomes a broken promise.
  void lost(const std::vector<AttemptId>& ids);

  /// What an agent on this host sees of a record.
  void seen(std::size_t host, const RecordKey& key, const std::optional<Record>& record, TimePoint latest);
  /// A record reached Redis.
  void shared(const Record& record);
  /// The sets of records that the stores hold at the end; `latest`: the furthest that any clock ever came.
  void settled(const std::vector<std::map<RecordKey, Record>>& stores, const std::vector<std::string>& ids,
               TimePoint latest);

  /// Whether something at least as new as `version` has been there whose time is over: a store may have taken
  /// it and dropped it since, another may never have heard of it.
  bool may_be_gone(const RecordKey& key, const Version& version, TimePoint latest) const;

  void broken(std::string what);
  const std::vector<std::string>& broken_promises() const noexcept { return broken_; }
  const std::set<RecordKey>& keys() const noexcept { return keys_; }

 private:
  struct Newest {
    Version version;
    bool deleted = false;
  };

  void check_record(const RecordKey& key, const std::optional<Record>& record, TimePoint latest);
  void check_counters(const RecordKey& key, const Record& record, const std::vector<std::string>& ids);
  /// The newest version that was acknowledged and is not excused; of one host, or of all.
  std::optional<Newest> promised(const RecordKey& key, std::optional<std::size_t> host) const;
  std::vector<Attempt> attempts_;
  std::map<RecordKey, std::vector<AttemptId>> by_key_;
  std::set<RecordKey> keys_;
  std::vector<AttemptId> current_;
  std::map<std::pair<RecordKey, Version>, std::string> shared_;
  std::vector<std::string> broken_;
};

/// Whether two stores agree on a record.
bool same_content(const Record& a, const Record& b);

/// For messages.
std::string describe(const RecordKey& key);
std::string describe(const Version& version);

}  // namespace comem::simulation
