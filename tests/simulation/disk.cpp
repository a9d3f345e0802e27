#include "tests/simulation/disk.hpp"

#include "core/ids.hpp"
#include "tests/simulation/disk_transaction.hpp"

namespace comem::simulation {

Disk::Disk(const Clock& clock, Ledger& ledger, Ablation ablation)
    : clock_(clock), ledger_(ledger), ablation_(ablation), store_id_(make_random_id()) {}

void Disk::read(const storage::ReadFunction& function, const std::string& process) {
  // Reads see what is there: the ablation of the version check concerns writes.
  DiskTransaction transaction(content_, clock_, store_id_, process, ablation_, false);
  function(transaction);
}

std::uint64_t Disk::commit(const storage::WriteFunction& function, const std::string& process, bool by_sync,
                           std::vector<storage::Queued>* queued) {
  DiskTransaction transaction(content_, clock_, store_id_, process, ablation_, by_sync);
  ledger_.begin_transaction();
  try {
    function(transaction);
  } catch (...) {
    transaction.undo();
    ledger_.undone(ledger_.end_transaction());
    throw;
  }
  Commit commit;
  commit.number = ++commits_;
  commit.undo = transaction.take_undo();
  commit.attempts = ledger_.end_transaction();
  if (queued) *queued = transaction.queued();
  unsynced_.push_back(std::move(commit));
  return commits_;
}

void Disk::commit_positions(const storage::WriteFunction& function, const std::string& process) {
  DiskTransaction transaction(content_, clock_, store_id_, process, ablation_, true);
  function(transaction);
  transaction.undo();
  if (transaction.positions_set().empty()) return;
  const storage::WriteFunction set = [&](storage::WriteTransaction& tx) {
    for (const auto& [ns, position] : transaction.positions_set()) tx.set_position(ns, position);
  };
  commit(set, process, true);
}

void Disk::reject(const storage::WriteFunction& function, const std::string& process) {
  DiskTransaction transaction(content_, clock_, store_id_, process, ablation_, true);
  ledger_.begin_transaction();
  function(transaction);
  transaction.undo();
  ledger_.undone(ledger_.end_transaction());
}

void Disk::synced(std::uint64_t commit) {
  while (!unsynced_.empty() && unsynced_.front().number <= commit) unsynced_.pop_front();
}

void Disk::lose_power(Random& random) {
  for (auto vanishing = random.below(unsynced_.size() + 1); vanishing > 0; --vanishing) {
    auto& commit = unsynced_.back();
    for (; !commit.undo.empty(); commit.undo.pop_back()) commit.undo.back()();
    ledger_.lost(commit.attempts);
    unsynced_.pop_back();
  }
  unsynced_.clear();  // what is left was read back from the disk
}

}  // namespace comem::simulation
