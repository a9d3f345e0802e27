#pragma once
// The port to sharing: a relay takes records, orders those of a namespace by sequence, and hands them on. It
// may lose everything at any time. Implementations: adapters/redis, and a fake in tests/support.

#include <comem/diagnosis.hpp>
#include <comem/stats.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "core/record.hpp"
#include "core/record_digest.hpp"
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
  /// The relay holds counts of these records that were not among those pushed: they are to be pulled. (It
  /// kept them of a record whose value it had lost.)
  bool merged = false;
};

struct PullReply {
  PullReply() = default;
  bool answered = false;
  std::string reason;              ///< why not, in words
  std::vector<Record> records;     ///< in the order of sequence
  Position position;               ///< up to which this page reaches; its epoch is the relay's current one
  bool more = false;               ///< there is a further page
  std::vector<RecordKey> missing;  ///< changed too, but evicted since: whoever holds them should push them
  std::size_t skipped = 0;         ///< foreign or broken values left out
};

/// A part of the digest of what the relay holds.
struct DigestPage {
  DigestPage() = default;
  bool answered = false;
  std::string reason;      ///< why not, in words
  RecordDigest digest;     ///< of this page
  Position position;       ///< up to which this page reaches
  std::uint64_t last = 0;  ///< the relay's sequence when it answered: what changes meanwhile is counted again
  bool more = false;
};

/// What a relay tells of a record without its value.
struct Head {
  Head() = default;
  RecordKey key;
  Version version;
  std::uint64_t hash = 0;  ///< digest_hash()
};

struct HeadPage {
  HeadPage() = default;
  bool answered = false;
  std::string reason;  ///< why not, in words
  std::vector<Head> heads;
  Position position;  ///< up to which this page reaches
  bool more = false;
};

/// What a relay tells unasked. It may be lost, repeated, late and untrue: it spares waiting for a pull, and
/// takes the place of none.
struct Hint {
  Hint() = default;
  explicit Hint(Position position_) : position(std::move(position_)) {}
  Position position;  ///< of the namespace after the change
  /// The change itself, where it is small: what took the last sequence numbers up to `position`. Empty: it
  /// has to be pulled.
  std::vector<Record> records;
};

/// Called on the relay's executor, never from within one of its functions.
class RelayListener {
 public:
  virtual ~RelayListener() = default;
  virtual void on_relay_state(RelayState state, const std::string& reason) = 0;
  /// Something of a watched namespace changed.
  virtual void on_relay_hint(const std::string& ns, Hint hint) = 0;
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
  /// The digest of the records that changed after `after` (of all, when it is of another epoch) and are live
  /// at `now`, a page at a time. Never throws.
  virtual boost::asio::awaitable<DigestPage> digest(std::string ns, Position after, TimePoint now) = 0;
  /// The same records and the tombstones among them, one by one; only those in `wanted`, or all where that is
  /// empty.
  virtual boost::asio::awaitable<HeadPage> heads(std::string ns, Position after, TimePoint now,
                                                 DigestBuckets wanted) = 0;
  /// The records of these keys that the relay holds, in any order; `position` and `more` say nothing.
  virtual boost::asio::awaitable<PullReply> fetch(std::string ns, std::vector<RecordKey> keys) = 0;
  /// Whether, within the time, at least `replicas` replicas hold all that the relay has accepted in this
  /// epoch (that of the PushReply). False for another epoch, and where that cannot be known. Never throws.
  virtual boost::asio::awaitable<bool> replicated(std::string ns, std::string epoch, unsigned replicas,
                                                  Milliseconds within) = 0;
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
