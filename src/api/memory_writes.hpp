#pragma once
// Saving, updating, forgetting and counting memories of one namespace, for an agent.

#include <comem/adapter.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/deduplication.hpp"
#include "api/memory_writer.hpp"
#include "api/operations.hpp"
#include "storage/engine.hpp"

namespace comem {

/// What a caller may say of the saving of a new memory.
struct SaveOptions {
  SaveOptions() = default;
  SaveOptions(std::optional<Milliseconds> ttl_, std::optional<Level> level_, std::string operation_)
      : ttl(ttl_), level(level_), operation(std::move(operation_)) {}
  SaveOptions& with_similarity(double value) {
    similarity = value;
    return *this;
  }
  std::optional<Milliseconds> ttl;
  std::optional<Level> level;
  std::string operation;
  double similarity = 0.0;  ///< from which on a standing memory takes the place of this one; zero: never
};

/// Needs nothing but the engine, so that tasks which outlive a handle can write too. Copies are alike.
class MemoryWrites {
 public:
  /// What else goes into the transaction of a save; lists what it put.
  using Also = std::function<void(storage::WriteTransaction&, std::vector<storage::Touched>&)>;
  using FindRecord = std::function<std::optional<Record>(storage::WriteTransaction&)>;
  /// A memory as it was read.
  struct Seen {
    Seen(MemoryType type_, std::string id_, Version version_)
        : type(type_), id(std::move(id_)), version(std::move(version_)) {}
    MemoryType type;
    std::string id;
    Version version;
  };
  /// A memory to be forgotten. `keeper`, where given, is the one that takes its place: it too must be as it
  /// was read.
  struct Forgotten {
    Forgotten(Seen memory_, std::optional<Seen> keeper_)
        : memory(std::move(memory_)), keeper(std::move(keeper_)) {}
    Seen memory;
    std::optional<Seen> keeper;
  };
  using Count = std::function<void(CounterSet&, const std::string& store)>;
  /// A part of a transaction: lists what it put, and answers what became of it.
  using Work = std::function<WriteResult(storage::WriteTransaction&, std::vector<storage::Touched>&)>;

  /// The engine must outlive every call.
  MemoryWrites(storage::Engine& engine, Options options);

  // Shared, so that a function on its way to the store's thread may own them.
  using WriterPtr = std::shared_ptr<const MemoryWriter>;
  using OperationsPtr = std::shared_ptr<const Operations>;
  const WriterPtr& writer() const noexcept { return writer_; }
  const OperationsPtr& operations() const noexcept { return operations_; }

  /// Fills in what the caller left out of a new memory, checks it and prepares it.
  MemoryDraft draft(AnyMemory memory, SaveOptions how, const std::string& session) const;
  /// The same for a memory that is imported as it is.
  MemoryDraft exact_draft(AnyMemory memory, TimePoint at) const;

  awaitable<std::vector<WriteResult>> save_all(std::vector<MemoryDraft> drafts, Level level, Also also);
  awaitable<WriteResult> update(AnyMemory memory, WriteOptions how);
  awaitable<WriteResult> forget(std::string id, WriteOptions how);
  /// What was decided on memories that were read a while ago. Where one is gone, or is no longer of the
  /// version that was read, nothing is done (`changed` is false, and `version` empty).
  awaitable<WriteResult> update_if_unchanged(AnyMemory memory, Version seen);
  /// In few transactions. Answers the ids of those that were not as they had been read, and stay.
  awaitable<std::set<std::string>> forget_if_unchanged(std::vector<Forgotten> memories);
  /// Adds to counters of the live record that `find` answers; `what` names it for the error when there is
  /// none.
  awaitable<WriteResult> count(std::string what, FindRecord find, Count add, WriteOptions how);

 private:
  /// What stands already of the drafts that ask for it.
  awaitable<Alike> look_up(std::shared_ptr<std::vector<MemoryDraft>> drafts);
  /// Gives the memory an id where it has none, checks it and prepares its record.
  void finish(MemoryDraft& draft, AnyMemory memory, TimePoint at) const;
  awaitable<WriteResult> replace(AnyMemory memory, std::optional<Version> seen, WriteOptions how);
  /// Commits `work`, unless its operation was carried out before, and waits as long as its level says.
  awaitable<WriteResult> commit(Work work, WriteOptions how);
  TimePoint now() const { return engine_.clock().now(); }

  storage::Engine& engine_;
  Options options_;
  WriterPtr writer_;
  OperationsPtr operations_;
};

}  // namespace comem
