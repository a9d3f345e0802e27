#pragma once
// RedisMemoryAdapter: the memory of one agent in one namespace.

#include <comem/any_memory.hpp>
#include <comem/consolidate.hpp>
#include <comem/context.hpp>
#include <comem/diagnosis.hpp>
#include <comem/digest.hpp>
#include <comem/health.hpp>
#include <comem/options.hpp>
#include <comem/query.hpp>
#include <comem/session.hpp>
#include <comem/stats.hpp>
#include <comem/subscription.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace comem {

template <class T>
using awaitable = boost::asio::awaitable<T>;

/// A movable handle. All functions may be called from any executor and resume on the caller's; distinct calls
/// may run at the same time, from several threads too. Nothing here waits for Redis except writes at
/// Level::shared and Level::replicated, digest(), repair(), diagnose(), flush() and close(), each bounded in
/// time. A call is not interrupted by cancellation, only Subscription::next() is: what was handed to the
/// store is finished, and every wait has a deadline. A caller whose execution context ends during a call is
/// not answered; the call itself is finished.
///
/// Errors are thrown as comem::Error: invalid_argument (nothing was done), rejected, unknown_outcome,
/// corrupt, closed. A missing memory is an empty optional; an unreachable Redis is Outcome::pending.
///
/// The handle must outlive its calls. Destroying it without close() keeps every acknowledged write and shares
/// the rest when the store is next opened.
class RedisMemoryAdapter {
 public:
  RedisMemoryAdapter(RedisMemoryAdapter&&) noexcept;
  RedisMemoryAdapter& operator=(RedisMemoryAdapter&&) noexcept;
  ~RedisMemoryAdapter();

  /// A further adapter on the same store and link, for another agent, namespace or session. Only ns,
  /// agent_id, session_id, level and the times to live of `options` are used.
  awaitable<RedisMemoryAdapter> sibling(Options options);

  // Working memory: the last steps of this agent (Options::working_capacity), private to it, gone after
  // working_ttl.
  awaitable<Step> add_step(NewStep step);
  /// The newest n steps, oldest first.
  awaitable<std::vector<Step>> get_recent_steps(std::size_t n = 10);
  /// Text: the newest `detailed` steps in full, older ones summarised.
  awaitable<std::string> get_context(std::size_t detailed = 5);

  // Episodes.
  /// Saves one; takes the current steps with it and clears working memory in the same transaction.
  awaitable<WriteResult> save_episode(NewEpisode episode);
  awaitable<std::optional<Episode>> get_episode(std::string id);
  awaitable<std::vector<Hit<Episode>>> search_episodes(Query query);

  // Knowledge.
  awaitable<WriteResult> add_semantic(NewKnowledge knowledge);
  awaitable<std::optional<Knowledge>> get_semantic(std::string id);
  awaitable<std::vector<Hit<Knowledge>>> search_semantic(Query query);
  /// Counts a confirmation, or a contradiction. Throws not_found.
  awaitable<WriteResult> validate_semantic(std::string id, WriteOptions options = {});
  awaitable<WriteResult> invalidate_semantic(std::string id, WriteOptions options = {});

  // Skills.
  awaitable<WriteResult> save_skill(NewSkill skill);
  awaitable<std::optional<Skill>> get_skill(std::string name);
  awaitable<std::vector<Hit<Skill>>> search_skills(Query query);
  /// Counts an execution; concurrent counts of all processes add up. Throws not_found.
  awaitable<WriteResult> record_skill_execution(std::string name, bool success, Milliseconds duration,
                                                WriteOptions options = {});

  // Any long-term memory.
  awaitable<WriteResult> remember(NewMemory memory);
  /// Saves many in few transactions; results stand in the order of the memories. All are checked first: one
  /// that is not acceptable throws invalid_argument (naming its place) and none is saved.
  awaitable<std::vector<WriteResult>> remember_many(std::vector<NewMemory> memories);
  /// Saves memories exactly as given, for imports: id, kind, times, agent and expiry stay (no_expiry: never);
  /// an empty id or agent is filled in. One without created_at is taken as new: it gets that and, without
  /// expires_at, its type's time to live. One that the store already holds is left alone (`changed` false).
  /// Counts (accesses, executions, validations) are raised to those given. A skill whose name a skill of
  /// another id has wins the name: the other is forgotten. Throws as remember_many().
  awaitable<std::vector<WriteResult>> put_many(std::vector<AnyMemory> memories);
  /// Ids are looked up among episodes, then knowledge, then skills.
  awaitable<std::optional<AnyMemory>> get(std::string id);
  /// Of this type alone: an id may stand once in each.
  awaitable<std::optional<AnyMemory>> get(std::string id, MemoryType type);
  awaitable<std::vector<std::optional<AnyMemory>>> get_many(std::vector<std::string> ids);
  /// Replaces the stored memory of the same type and id. Throws not_found when there is none.
  awaitable<WriteResult> update(AnyMemory memory, WriteOptions options = {});
  /// Removes every long-term memory of this id; `changed` is false when there was none.
  awaitable<WriteResult> forget(std::string id, WriteOptions options = {});
  /// Up to `limit` memories of a type in the order of their ids, beginning after `after_id`; for paging
  /// through all. A page may be short where memories could not be read; an empty one is the end.
  awaitable<std::vector<AnyMemory>> list(MemoryType type, std::size_t limit = 100, std::string after_id = {});
  /// Up to `limit` memories of the given long-term types (empty: all), last saved first.
  awaitable<std::vector<AnyMemory>> newest(std::vector<MemoryType> types = {}, std::size_t limit = 20);

  /// All types in one ranking.
  awaitable<std::vector<Hit<AnyMemory>>> search(Query query);
  /// Each type by itself, up to query.limit of each. Of memories of one author that say nearly the same, only
  /// the newest.
  awaitable<AllHits> search_all(Query query);
  awaitable<Context> get_enriched_context(ContextRequest request);

  // Sessions.
  std::string session_id() const;
  /// Begins a new session linked to the current one, and answers its id.
  awaitable<std::string> rotate_session();
  /// The chain of sessions that ends with the current one, oldest first.
  awaitable<std::vector<Session>> get_session_history();

  awaitable<ConsolidateReport> consolidate(ConsolidateRequest request = {});

  /// Every change that other agents make, after this returns, to memories of the given long-term types
  /// (empty: all).
  awaitable<Subscription> subscribe(std::vector<MemoryType> types = {});

  /// The health of sharing, now and whenever it changes.
  HealthWatch watch_health();

  /// Compares what this store and Redis hold of the namespace. Where they differ it looks again until they do
  /// not, or the deadline has passed: what is on its way needs time. Reads the whole namespace.
  awaitable<DigestReport> digest(Milliseconds deadline = {});
  /// Mends a difference between this store and Redis that sharing does not (somebody has deleted or changed
  /// keys in Redis, a record here cannot be read), and flushes. Both sides keep the newer version of every
  /// record. A quarter of the deadline is for what waits to be shared before.
  awaitable<RepairReport> repair(Milliseconds deadline = std::chrono::seconds(10));

  /// Waits until everything written so far in this namespace, by any process on this store, is shared;
  /// answers false when that was not reached within the deadline. At once true without Redis.
  awaitable<bool> flush(Milliseconds deadline = std::chrono::seconds(5));
  /// Waits until every memory that the namespace holds now has its vector, or cannot have one; at once
  /// without Options::embedding. False at the deadline: the rest follows in the background, or when the store
  /// is next opened.
  awaitable<bool> wait_for_vectors(Milliseconds deadline = std::chrono::seconds(60));
  awaitable<Stats> stats();
  /// Looks at the database, Redis, its policy and versions, and the clocks; for people. At most about two
  /// seconds.
  awaitable<std::vector<Finding>> diagnose();
  /// True while the link to Redis is up. Never waits.
  bool redis_available() const noexcept;
  const std::string& agent_id() const noexcept;
  const std::string& ns() const noexcept;

  /// Flushes (at most `deadline`), ends subscriptions and, for the last adapter of a store, stops its threads
  /// and closes the file. Later calls throw closed. Calling it twice is harmless.
  awaitable<void> close(Milliseconds deadline = std::chrono::seconds(2));

 private:
  friend awaitable<RedisMemoryAdapter> create_memory_adapter(Options);
  class Impl;
  explicit RedisMemoryAdapter(std::shared_ptr<Impl> impl) noexcept;
  std::shared_ptr<Impl> impl_;
};

/// Opens (and creates, where it does not exist) the store, starts sharing where options ask for it, and
/// answers a handle. Works at once when Redis cannot be reached: the reason is in stats() and in the log.
/// Throws invalid_argument for options, unavailable, corrupt or unsupported for the database file, which is
/// then left as it was.
awaitable<RedisMemoryAdapter> create_memory_adapter(Options options);

}  // namespace comem
