#pragma once
// The file of one simulated host: transactions that commit whole or not at all, and what a power failure
// leaves of them.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/store.hpp"
#include "tests/simulation/ablation.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/random.hpp"

namespace comem::simulation {

/// What a file holds.
struct DiskContent {
  struct Queued {
    std::uint64_t change = 0;
    std::string origin;
  };
  std::map<RecordKey, Record> records;
  std::map<RecordKey, Queued> outbox;
  std::map<std::string, storage::Position> positions;
  std::map<std::string, TimePoint> in_step;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, TimePoint>> operations;
  std::uint64_t change = 0;
  Version stamped;
};

/// Steps that take a transaction back, newest last.
using Undo = std::vector<std::function<void()>>;

class Disk {
 public:
  Disk(const Clock& clock, Ledger& ledger, Ablation ablation);

  void read(const storage::ReadFunction& function, const std::string& process);
  /// Runs the function in a transaction and commits; answers the commit's number. Rethrows what the function
  /// throws, with nothing done. `by_sync`: the sync engine's, as opposed to an agent's. `queued`: what it has
  /// put into the outbox.
  std::uint64_t commit(const storage::WriteFunction& function, const std::string& process, bool by_sync,
                       std::vector<storage::Queued>* queued = nullptr);
  /// Commits only the positions that the function sets: the ablation of the early cursor.
  void commit_positions(const storage::WriteFunction& function, const std::string& process);
  /// What the function would do, undone at once: a write that is rejected.
  void reject(const storage::WriteFunction& function, const std::string& process);

  /// All commits up to this number are safe from power failures.
  void synced(std::uint64_t commit);
  /// Commits that were not synced may vanish, newest first.
  void lose_power(Random& random);

  const std::string& store_id() const noexcept { return store_id_; }
  const DiskContent& content() const noexcept { return content_; }
  std::uint64_t commits() const noexcept { return commits_; }

 private:
  struct Commit {
    std::uint64_t number = 0;
    Undo undo;
    std::vector<AttemptId> attempts;
  };

  const Clock& clock_;
  Ledger& ledger_;
  const Ablation ablation_;
  const std::string store_id_;
  DiskContent content_;
  std::deque<Commit> unsynced_;
  std::uint64_t commits_ = 0;
};

}  // namespace comem::simulation
