#pragma once
// The port to sharing: a relay takes records, orders those of a namespace by sequence, and hands them on. It
// may lose everything at any time. Implementations: adapters/redis, and a fake in tests/support.

#include <comem/diagnosis.hpp>
#include <comem/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "core/record.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// What became of one pushed record.
enum class PushStatus {
  applied,     ///< the relay held nothing newer and took it (or its counters)
  superseded,  ///< the relay holds this version or a newer one, and all these counters
  refused,     ///< the relay answered an error for this record; trying again at once would not help
  not_sent,    ///< never left this process
  unknown,     ///< sent, not answered; pushing again is harmless
};

struct PushReply {
  PushReply() = default;
  std::vector<PushStatus> statuses;  ///< in the order of the records
  Position position;   ///< of the namespace after the push; empty epoch when nothing was answered
  std::string reason;  ///< why not everything was applied, in words
};

struct PullReply {
  PullReply() = default;
  bool answered = false;
  std::string reason;           ///< why not, in words
  std::vector<Record> records;  ///< in the order of sequence
  Position position;            ///< up to which this page reaches; its epoch is the relay's current one
  bool more = false;            ///< there is a further page
  std::size_t skipped = 0;      ///< foreign or broken values left out
};

/// Called on the relay's executor, never from within one of its functions.
class RelayListener {
 public:
  virtual ~RelayListener() = default;
  virtual void on_relay_state(RelayState state, const std::string& reason) = 0;
  /// Something of a watched namespace changed. Only a hint: hints may be lost, repeated and late.
  virtual void on_relay_hint(const std::string& ns, const Position& position) = 0;
};

/// All functions but stats() and state() belong to the executor the relay was made with.
class Relay {
 public:
  virtual ~Relay() = default;

  /// Begins to connect, and to reconnect for as long as it lives. `listener` must outlive stop().
  virtual void start(RelayListener& listener) = 0;
  /// Hints of this namespace are wanted from now on, over every connection to come.
  virtual void watch(const std::string& ns) = 0;
  /// Applies records of one namespace; never throws, never waits longer than its time-out.
  virtual boost::asio::awaitable<PushReply> push(std::string ns, std::vector<Record> records) = 0;
  /// The records that changed after `after`, oldest first; of everything, when `after` is of another epoch.
  virtual boost::asio::awaitable<PullReply> pull(std::string ns, Position after, std::size_t limit) = 0;
  /// Reachable? Allowed? Fit for the job (version, eviction policy, persistence, clock)? Each with its
  /// remedy.
  virtual boost::asio::awaitable<std::vector<Finding>> diagnose() = 0;
  /// Disconnects and ends all that start() began; what waits is answered not_sent or unknown.
  virtual boost::asio::awaitable<void> stop() = 0;

  /// Thread-safe.
  virtual RelayStats stats() const = 0;
  virtual RelayState state() const noexcept = 0;
};

}  // namespace comem::storage
