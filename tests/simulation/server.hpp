#pragma once
// A model of Redis as the relay's scripts use it: versions and counters compared on every write, a log by
// sequence, an epoch, a run id, expiry; and all the ways in which it loses data.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/relay.hpp"
#include "tests/simulation/ablation.hpp"
#include "tests/simulation/ledger.hpp"

namespace comem::simulation {

class Server {
 public:
  struct Entry {
    Record record;
    std::uint64_t seq = 0;
    TimePoint value_until = TimePoint::max();  // Redis drops the value then
    bool wanted = false;                       // missed, and asked for
    bool evicted = false;                      // the value is gone
  };
  struct Space {
    std::string epoch;
    std::uint64_t seq = 0;
    std::map<std::pair<MemoryType, std::string>, Entry> entries;
  };
  using Spaces = std::map<std::string, Space>;

  Server(const Clock& clock, Ledger& ledger, Ablation ablation);

  struct Applied {
    storage::PushStatus status = storage::PushStatus::applied;
    storage::Position position;
    bool merged = false;
    std::optional<Record> written;  ///< what is held now, where the record at hand has taken the place
  };
  /// The script of a push. `now` is the pusher's clock.
  Applied apply(const Record& record, TimePoint now);
  storage::PullReply pull(const std::string& ns, const storage::Position& after, std::size_t limit);

  storage::DigestPage digest(const std::string& ns, const storage::Position& after, TimePoint now);
  storage::HeadPage heads(const std::string& ns, const storage::Position& after, TimePoint now,
                          const DigestBuckets& wanted);
  storage::PullReply fetch(const std::string& ns, const std::vector<RecordKey>& keys);

  /// Of this server process; another one after restart() or fail_over().
  const std::string& run_id() const noexcept { return run_id_; }
  void flush() { spaces_.clear(); }
  void restart(Spaces kept);
  const Spaces& spaces() const noexcept { return spaces_; }
  /// The namespace's own state is evicted: the log begins anew.
  void lose_state(const std::string& ns);
  void evict(const std::string& ns, std::size_t which);

  /// Called with a namespace's position when what was evicted is asked for.
  std::function<void(const std::string&, const storage::Position&)> on_ask;

  bool down = false;
  bool refusing = false;  ///< out of memory

  std::uint64_t applied() const noexcept { return applied_; }

 private:
  Space& space(const std::string& ns);
  storage::Position position(const Space& space) const;
  /// Up to `limit` entries after a position, in the order of sequence, and how far they reach.
  std::vector<const Entry*> page(const std::string& ns, const storage::Position& after, std::size_t limit,
                                 storage::Position& reached, bool& more);
  void sweep(Space& space, TimePoint now);
  bool gone(const Entry& entry) const;

  const Clock& clock_;
  Ledger& ledger_;
  const Ablation ablation_;
  std::string run_id_;
  Spaces spaces_;
  std::uint64_t applied_ = 0;
};

}  // namespace comem::simulation
