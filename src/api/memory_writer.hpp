#pragma once
// Puts memories into a write transaction: finds what they replace, keeps what must stay, writes what is new.

#include <comem/any_memory.hpp>
#include <comem/write.hpp>

#include <optional>
#include <string>

#include "api/statement.hpp"
#include "storage/engine.hpp"

namespace comem {

/// A memory on its way into the store.
struct MemoryDraft {
  MemoryDraft() = default;
  AnyMemory memory;
  Record record;                  ///< the memory as a record, prepared before the transaction
  bool fresh = false;             ///< its id was just made, so nothing can be there yet
  bool keeps_created = true;      ///< what it replaces hands on its created_at
  bool keeps_time = false;        ///< its time is only its created_at
  bool keeps_expiry = false;      ///< and, where nothing else changes, its expiry (none was asked for)
  bool exact_expiry = false;      ///< its expiry was given, not reckoned from now
  bool by_name = false;           ///< a skill: takes the place, and the id, of the skill of its name
  bool brings_counters = false;   ///< raises the counts to those of the memory
  std::string operation;          ///< of the caller's choice; empty for none
  double similarity = 0.0;        ///< for `says`
  std::optional<Statement> says;  ///< where a memory that says the same takes its place
};

class MemoryWriter {
 public:
  MemoryWriter(std::string ns, std::string agent, std::size_t compression_threshold,
               Milliseconds tombstone_ttl)
      : ns_(std::move(ns)),
        agent_(std::move(agent)),
        threshold_(compression_threshold),
        tombstone_ttl_(tombstone_ttl) {}

  /// Encodes the memory, so that the transaction need not. Throws for what cannot be stored.
  void prepare(MemoryDraft& draft, TimePoint now) const;

  /// Writes the draft; a skill takes the place of the skill of its name, or, where it is imported under an id
  /// of its own, removes it. Lists what was put in `touched`.
  WriteResult put(storage::WriteTransaction& tx, const MemoryDraft& draft, TimePoint now,
                  std::vector<storage::Touched>& touched) const;

  /// Leaves the draft out for `standing`, which says the same; puts off the expiry of that one where less
  /// than half of the time to live that the draft asks for is left.
  WriteResult keep(storage::WriteTransaction& tx, const Record& standing, const MemoryDraft& draft,
                   TimePoint now, std::vector<storage::Touched>& touched) const;

 private:
  WriteResult put_over(storage::WriteTransaction& tx, const MemoryDraft& draft,
                       const std::optional<Record>& existing, std::vector<storage::Touched>& touched) const;

  Record encode(const AnyMemory& memory, TimePoint now) const;
  /// What the draft replaces: what has its id or, a skill, its name.
  std::optional<Record> find_existing(storage::WriteTransaction& tx, const MemoryDraft& draft,
                                      TimePoint now) const;
  void remove_namesakes(storage::WriteTransaction& tx, const MemoryDraft& draft, TimePoint now,
                        std::vector<storage::Touched>& touched) const;
  /// By how much an expiry must be put off that was reckoned from a clock which was set back.
  Milliseconds lag_of(storage::WriteTransaction& tx, const MemoryDraft& draft,
                      const std::optional<Record>& existing, TimePoint now) const;
  /// The draft under the id of what it replaces, with that one's times where it keeps them.
  MemoryDraft fitted(const MemoryDraft& draft, const std::optional<Record>& existing, Milliseconds lag,
                     TimePoint now) const;
  void adopt_times(MemoryDraft& draft, const Record& existing, TimePoint now) const;

  std::string ns_, agent_;
  std::size_t threshold_;
  Milliseconds tombstone_ttl_;
};

}  // namespace comem
