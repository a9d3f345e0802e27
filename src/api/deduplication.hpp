#pragma once
// Whether a memory that is to be saved stands in the store already, in nearly the same words. Candidates come
// from the index, before the transaction; what was committed since then, by any process on the store, is
// compared within the transaction. So of two processes on one file that save the same at once only one adds
// it. Stores that share through Redis may both.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/memory_writer.hpp"
#include "api/statement.hpp"
#include "storage/index_view.hpp"

namespace comem {

/// What was found before the transaction.
struct Alike {
  Alike() = default;
  std::uint64_t change = 0;                        ///< everything up to this change was looked at
  std::vector<std::optional<RecordKey>> standing;  ///< for each draft, the memory that says the same
};

/// Looks for what says the same as the drafts that ask for it.
Alike look_for(storage::ReadTransaction& tx, storage::IndexView& index,
               const std::vector<MemoryDraft>& drafts, const std::string& ns, TimePoint now);

/// For one write transaction.
class Deduplication {
 public:
  Deduplication(std::string ns, const Alike& alike, TimePoint now)
      : ns_(std::move(ns)), alike_(alike), now_(now), change_(alike.change) {}

  /// The record that says the same as the draft at `place`, if there is one and the draft does not name a
  /// memory that it replaces.
  std::optional<Record> standing(storage::WriteTransaction& tx, const MemoryDraft& draft, std::size_t place);

 private:
  void take_changes(storage::WriteTransaction& tx);
  std::optional<Record> still_standing(storage::WriteTransaction& tx, const MemoryDraft& draft,
                                       const RecordKey& key) const;

  std::string ns_;
  const Alike& alike_;
  TimePoint now_;
  std::uint64_t change_;
  std::map<RecordKey, Statement> newcomers_;  // written after the look-up
};

}  // namespace comem
