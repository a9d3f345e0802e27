#pragma once
// What stands behind the handle: one agent in one namespace of an engine.

#include <comem/adapter.hpp>

#include <atomic>
#include <functional>
#include <mutex>

#include "api/fused_search.hpp"
#include "api/memory_writes.hpp"
#include "storage/shared_engine.hpp"

namespace comem {

class RedisMemoryAdapter::Impl {
 public:
  Impl(storage::EngineHold engine, Options options);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  awaitable<Step> add_step(NewStep request);
  awaitable<std::vector<Step>> recent_steps(std::size_t n);
  awaitable<std::string> context(std::size_t detailed);

  awaitable<WriteResult> save_episode(NewEpisode request);
  /// Saves memories at one level, with the record of the session that they belong to.
  awaitable<std::vector<WriteResult>> save_all(std::vector<MemoryDraft> drafts, Level level);
  awaitable<WriteResult> save(AnyMemory memory, SaveOptions how);
  awaitable<std::vector<WriteResult>> put_many(std::vector<AnyMemory> memories);
  awaitable<WriteResult> update(AnyMemory memory, WriteOptions how);
  awaitable<WriteResult> forget(std::string id, WriteOptions how);
  awaitable<WriteResult> count_semantic(std::string id, Counter counter, WriteOptions how);
  awaitable<WriteResult> count_execution(std::string name, bool success, Milliseconds duration,
                                         WriteOptions how);

  awaitable<std::optional<AnyMemory>> get(std::string id, std::vector<MemoryType> types);
  awaitable<std::optional<Skill>> skill(std::string name);
  awaitable<std::vector<std::optional<AnyMemory>>> get_many(std::vector<std::string> ids);
  awaitable<std::vector<AnyMemory>> list(MemoryType type, std::size_t limit, std::string after_id);
  awaitable<std::vector<AnyMemory>> newest(std::vector<MemoryType> types, std::size_t limit);

  awaitable<std::vector<Hit<AnyMemory>>> search(Query query);
  awaitable<AllHits> search_all(Query query);
  awaitable<Context> enriched_context(ContextRequest request);

  awaitable<std::string> rotate_session();
  awaitable<std::vector<Session>> session_history();
  std::string session_id() const;

  awaitable<ConsolidateReport> consolidate(ConsolidateRequest request);
  awaitable<Subscription> subscribe(std::vector<MemoryType> types);
  HealthWatch watch_health();
  awaitable<DigestReport> digest(Milliseconds deadline);
  awaitable<RepairReport> repair(Milliseconds deadline);
  awaitable<bool> flush(Milliseconds deadline);
  awaitable<bool> wait_for_vectors(Milliseconds deadline);
  awaitable<Stats> stats();
  awaitable<std::vector<Finding>> diagnose();
  awaitable<void> close(Milliseconds deadline);
  std::shared_ptr<Impl> sibling(Options options) const;

  bool relay_up() const noexcept { return engine_->relay_up(); }
  const Options& options() const noexcept { return options_; }
  storage::Engine& engine() const noexcept { return *engine_; }
  /// Throws closed after close().
  void check_open() const;
  MemoryDraft draft(AnyMemory memory, SaveOptions how) const {
    return writes_.draft(std::move(memory), std::move(how), session_id());
  }
  Level level_or_default(std::optional<Level> level) const { return level.value_or(options_.level); }

 private:
  template <class T>
  awaitable<T> read(std::function<T(storage::ReadTransaction&)> function);
  Step new_step(const Step& given);
  TimePoint now() const { return engine_->clock().now(); }
  /// Where to look for `text`: its vector is asked for, and waited for no longer than the options say.
  awaitable<SearchArms> search_arms(std::string text);
  awaitable<EmbeddingStats> embedding_stats();
  void accessed(const Memory& memory);
  using ReadTally = storage::AccessLog::TallyPtr;
  void accessed(const ReadTally& read);
  void accessed(const std::vector<ReadTally>& read);
  using HotBy = storage::HotMemories::By;
  /// What was read lately and is still so; `stamp` is the store's of now.
  storage::HotMemoryPtr hot(HotBy by, const std::string& name,
                            const std::optional<storage::StoreStamp>& stamp);
  /// Keeps what was read after the store was at `stamp`; answers what counts its reads.
  ReadTally keep_hot(HotBy by, const std::string& name, const AnyMemory& memory,
                     const std::optional<storage::StoreStamp>& stamp);
  void close_queues();
  /// Writes the current session's record with the first memory that belongs to it; session_written() says
  /// that the transaction was committed. Nothing where that was done.
  MemoryWrites::Also session_writer() const;
  void session_written();
  Milliseconds session_ttl() const;

  storage::EngineHold engine_;
  const Options options_;
  storage::HotMemories::Space& hot_;
  MemoryWrites writes_;
  const std::shared_ptr<std::atomic<bool>> closed_ = std::make_shared<std::atomic<bool>>(false);

  mutable std::mutex mutex_;
  Session session_;                                  // guarded by mutex_
  bool session_saved_ = false;                       // guarded by mutex_
  std::int64_t last_step_ms_ = 0;                    // guarded by mutex_
  std::uint32_t step_counter_ = 0;                   // guarded by mutex_
  std::vector<std::weak_ptr<ChangeQueue>> queues_;   // guarded by mutex_
  std::vector<std::weak_ptr<HealthQueue>> watches_;  // guarded by mutex_
};

}  // namespace comem
