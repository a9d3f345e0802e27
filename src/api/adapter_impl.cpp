#include "api/adapter_impl.hpp"

#include <comem/error.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "api/consolidator.hpp"
#include "api/run.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/check.hpp"

namespace comem {

using storage::Engine;

namespace {
constexpr Milliseconds digest_pause{100};
constexpr Milliseconds longest_settling{5000};  // of a repair: what differs then, stays so
}  // namespace

RedisMemoryAdapter::Impl::Impl(storage::EngineHold engine, Options options)
    : engine_(std::move(engine)),
      options_(std::move(options)),
      hot_(engine_->hot().space(options_.ns)),
      writes_(*engine_, options_) {
  session_.id = options_.session_id.empty() ? make_id(now()) : options_.session_id;
  session_.agent = options_.agent_id;
  session_.created_at = now();
  engine_->index(options_.ns);  // begins to share the namespace
  if (options_.consolidate_interval > Milliseconds::zero())
    engine_->spawn(consolidate_regularly(*engine_, options_, closed_));
}

std::shared_ptr<RedisMemoryAdapter::Impl> RedisMemoryAdapter::Impl::sibling(Options options) const {
  check_open();
  Options merged = options_;
  merged.ns = std::move(options.ns);
  merged.agent_id = std::move(options.agent_id);
  merged.session_id = std::move(options.session_id);
  merged.level = options.level;
  merged.working_ttl = options.working_ttl;
  merged.episodic_ttl = options.episodic_ttl;
  merged.semantic_ttl = options.semantic_ttl;
  merged.skill_ttl = options.skill_ttl;
  merged.consolidate_interval = Milliseconds::zero();  // the first adapter sees to it
  memory::check(merged);
  return std::make_shared<Impl>(engine_, std::move(merged));
}

void RedisMemoryAdapter::Impl::check_open() const {
  if (closed_->load(std::memory_order_acquire)) throw Error(errc::closed, "the memory adapter is closed");
}

void RedisMemoryAdapter::Impl::accessed(const Memory& memory) {
  if (!options_.track_access) return;
  engine_->accesses().add(options_.ns, memory.type, memory.id, now());
}

void RedisMemoryAdapter::Impl::accessed(const ReadTally& read) {
  if (options_.track_access) engine_->accesses().add(read, now());
}

void RedisMemoryAdapter::Impl::accessed(const std::vector<ReadTally>& read) {
  if (options_.track_access) engine_->accesses().add_all(read, now());
}

awaitable<std::vector<WriteResult>> RedisMemoryAdapter::Impl::save_all(std::vector<MemoryDraft> drafts,
                                                                       Level level) {
  check_open();
  if (drafts.empty()) co_return std::vector<WriteResult>();
  std::vector<WriteResult> results = co_await writes_.save_all(std::move(drafts), level, session_writer());
  session_written();
  co_return results;
}

awaitable<WriteResult> RedisMemoryAdapter::Impl::save(AnyMemory memory, SaveOptions how) {
  check_open();
  const Level level = level_or_default(how.level);
  std::vector<MemoryDraft> drafts;
  drafts.push_back(draft(std::move(memory), std::move(how)));
  std::vector<WriteResult> results = co_await save_all(std::move(drafts), level);
  co_return std::move(results.front());
}

awaitable<std::vector<WriteResult>> RedisMemoryAdapter::Impl::put_many(std::vector<AnyMemory> memories) {
  check_open();
  std::vector<MemoryDraft> drafts;
  drafts.reserve(memories.size());
  const TimePoint at = now();  // of all: none of them is older than another
  for (auto& memory : memories) {
    try {
      drafts.push_back(writes_.exact_draft(std::move(memory), at));
    } catch (const Error& error) {
      throw bad_member(error, drafts.size() + 1, memories.size());
    }
  }
  std::vector<WriteResult> results = co_await writes_.save_all(std::move(drafts), options_.level, nullptr);
  co_return results;
}

awaitable<WriteResult> RedisMemoryAdapter::Impl::update(AnyMemory memory, WriteOptions how) {
  check_open();
  const WriteResult result = co_await writes_.update(std::move(memory), std::move(how));
  co_return result;
}

awaitable<WriteResult> RedisMemoryAdapter::Impl::forget(std::string id, WriteOptions how) {
  check_open();
  const WriteResult result = co_await writes_.forget(std::move(id), std::move(how));
  co_return result;
}

awaitable<WriteResult> RedisMemoryAdapter::Impl::count_semantic(std::string id, Counter counter,
                                                                WriteOptions how) {
  check_open();
  const RecordKey key(options_.ns, MemoryType::semantic, id);
  MemoryWrites::FindRecord find = [key](storage::WriteTransaction& tx) { return tx.get(key); };
  MemoryWrites::Count add = [counter](CounterSet& counters, const std::string& store) {
    counters.add(store, counter, 1);
  };
  const std::string what = fmt::format("knowledge '{}'", printable(id));
  const WriteResult result = co_await writes_.count(what, std::move(find), std::move(add), std::move(how));
  co_return result;
}

awaitable<WriteResult> RedisMemoryAdapter::Impl::count_execution(std::string name, bool success,
                                                                 Milliseconds duration, WriteOptions how) {
  check_open();
  if (duration < Milliseconds::zero() || duration > memory::max_ttl)
    throw Error(errc::invalid_argument, fmt::format("a duration of {} ms is out of range", duration.count()));
  MemoryWrites::FindRecord find = [ns = options_.ns, name,
                                   at = now()](storage::WriteTransaction& tx) -> std::optional<Record> {
    auto found = tx.find(ns, MemoryType::skill, name, at, 1);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  };
  MemoryWrites::Count add = [success, duration](CounterSet& counters, const std::string& store) {
    counters.add(store, Counter::executions, 1);
    if (success) counters.add(store, Counter::successes, 1);
    counters.add(store, Counter::duration_ms, static_cast<std::uint64_t>(duration.count()));
  };
  const std::string what = fmt::format("skill named '{}'", printable(name));
  const WriteResult result = co_await writes_.count(what, std::move(find), std::move(add), std::move(how));
  co_return result;
}

awaitable<ConsolidateReport> RedisMemoryAdapter::Impl::consolidate(ConsolidateRequest request) {
  check_open();
  ConsolidateReport report = co_await comem::consolidate(*engine_, options_, request);
  co_return report;
}

awaitable<Subscription> RedisMemoryAdapter::Impl::subscribe(std::vector<MemoryType> types) {
  check_open();
  check_long_term(types);
  std::set<MemoryType> wanted(types.begin(), types.end());
  auto queue =
      std::make_shared<ChangeQueue>(options_.agent_id, std::move(wanted), options_.subscription_capacity);
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(queues_, [](const auto& weak) { return weak.expired(); });
    queues_.push_back(queue);
  }
  Subscription subscription = co_await engine_->subscribe(options_.ns, std::move(queue));
  co_return subscription;
}

HealthWatch RedisMemoryAdapter::Impl::watch_health() {
  check_open();
  auto queue = engine_->watch_health();
  const std::lock_guard lock(mutex_);
  std::erase_if(watches_, [](const auto& weak) { return weak.expired(); });
  watches_.push_back(queue);
  return HealthWatch(std::move(queue));
}

awaitable<DigestReport> RedisMemoryAdapter::Impl::digest(Milliseconds deadline) {
  check_open();
  const SteadyTime until = engine_->clock().steady() + deadline;
  co_await engine_->save_accesses();
  DigestReport report = co_await engine_->digest(options_.ns);
  while (!report.equal() && report.redis && engine_->clock().steady() < until) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer pause(executor, digest_pause);
    co_await pause.async_wait(boost::asio::use_awaitable);
    report = co_await engine_->digest(options_.ns);
  }
  co_return report;
}

awaitable<RepairReport> RedisMemoryAdapter::Impl::repair(Milliseconds deadline) {
  check_open();
  const SteadyTime until = engine_->clock().steady() + deadline;
  co_await engine_->flush(options_.ns, deadline / 4, true);
  RepairReport report = co_await engine_->repair(options_.ns);
  const auto left = std::chrono::duration_cast<Milliseconds>(until - engine_->clock().steady());
  if (left > Milliseconds::zero()) co_await engine_->flush(options_.ns, left, true);
  DigestReport after = co_await digest(std::clamp(left, Milliseconds::zero(), longest_settling));
  report.after = std::move(after);
  co_return report;
}

awaitable<bool> RedisMemoryAdapter::Impl::flush(Milliseconds deadline) {
  check_open();
  const bool flushed = co_await engine_->flush(options_.ns, deadline, false);
  co_return flushed;
}

awaitable<bool> RedisMemoryAdapter::Impl::wait_for_vectors(Milliseconds deadline) {
  check_open();
  auto* embedder = engine_->embedder();
  if (embedder == nullptr) co_return true;
  const bool filled = co_await embedder->filled(options_.ns, engine_->clock().steady() + deadline);
  co_return filled;
}

awaitable<EmbeddingStats> RedisMemoryAdapter::Impl::embedding_stats() {
  auto* embedder = engine_->embedder();
  if (embedder == nullptr) co_return EmbeddingStats();
  EmbeddingStats stats = embedder->stats();
  std::function<EmbeddingStats(storage::ReadTransaction&)> count =
      [stats, ns = options_.ns, at = now()](storage::ReadTransaction& tx) {
        EmbeddingStats counted = stats;
        auto* vectors = tx.vectors();
        if (vectors == nullptr) return counted;
        const auto model = vectors->model(stats.model);
        const auto counts = vectors->vector_counts(ns, model ? model->key : 0, at);
        counted.dimensions = model ? model->dimensions : 0;
        counted.held = counts.held;
        counted.missing = counts.missing;
        return counted;
      };
  stats = co_await read_value(*engine_, std::move(count));
  co_return stats;
}

awaitable<Stats> RedisMemoryAdapter::Impl::stats() {
  check_open();
  storage::Engine& engine = *engine_;
  auto& index = engine.index(options_.ns);
  std::function<storage::Counts(storage::ReadTransaction&)> count =
      [&index, ns = options_.ns, at = now()](storage::ReadTransaction& tx) {
        index.refresh(tx, at);
        return tx.counts(ns, at);
      };
  const storage::Counts counts = co_await read_value(engine, std::move(count));
  EmbeddingStats embedding = co_await embedding_stats();
  Stats stats;
  stats.ns = options_.ns;
  stats.agent = options_.agent_id;
  stats.session = session_id();
  stats.database = engine.store().path();
  stats.store_id = engine.store().store_id();
  stats.schema_version = engine.store().schema_version();
  stats.live = counts.live;
  stats.tombstones = counts.tombstones;
  stats.unshared = counts.unshared;
  stats.index_documents = index.documents();
  stats.index_terms = index.terms();
  stats.relay = engine.relay_stats();
  stats.embedding = std::move(embedding);
  co_return stats;
}

awaitable<std::vector<Finding>> RedisMemoryAdapter::Impl::diagnose() {
  check_open();
  std::vector<Finding> findings = co_await engine_->diagnose();
  co_return findings;
}

awaitable<void> RedisMemoryAdapter::Impl::close(Milliseconds deadline) {
  if (closed_->exchange(true)) co_return;
  // A close that was begun is finished: a cancelled one would leave file and threads behind.
  co_await boost::asio::this_coro::reset_cancellation_state();
  close_queues();
  std::exception_ptr failure;
  try {
    co_await engine_->save_accesses();
  } catch (const Error& error) {  // no failure of whoever only read
    if (options_.log)
      options_.log(LogLevel::warning, fmt::format("the last reads are not counted: {}", error.what()));
  }
  try {
    if (engine_->relay_up()) co_await engine_->flush(options_.ns, deadline, true);
  } catch (const Error&) {
    failure = std::current_exception();
  }
  if (engine_.release()) co_await engine_->close();
  if (failure) std::rethrow_exception(failure);
}

void RedisMemoryAdapter::Impl::close_queues() {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : queues_)
    if (const auto queue = weak.lock()) queue->close();
  for (const auto& weak : watches_)
    if (const auto queue = weak.lock()) queue->close();
}

RedisMemoryAdapter::Impl::~Impl() {
  closed_->store(true, std::memory_order_release);  // for the timer of consolidation
  close_queues();
}

}  // namespace comem
