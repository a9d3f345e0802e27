// The handle: checks what callers hand in and passes it on.

#include <comem/adapter.hpp>
#include <comem/error.hpp>

#include <boost/asio/thread_pool.hpp>

#include "api/adapter_impl.hpp"
#include "api/run.hpp"
#include "core/log.hpp"
#include "core/run_on.hpp"
#include "memory/check.hpp"
#include "memory/convert.hpp"

namespace comem {

namespace asio = boost::asio;

namespace {

using MaybeHold = std::optional<storage::EngineHold>;

awaitable<MaybeHold> open_engine(Options options) {
  MaybeHold hold(storage::EngineHold::open(std::move(options)));
  co_return hold;
}

/// Opening touches the disk, so it has a thread of its own; openings are rare, so one serves the process.
asio::thread_pool::executor_type opener() {
  static asio::thread_pool pool(1);
  return pool.get_executor();
}

std::vector<MemoryType> long_term() {
  return {long_term_types.begin(), long_term_types.end()};
}

Query only(Query query, MemoryType type) {
  query.types = {type};
  return query;
}

template <class Request>
SaveOptions how(const Request& request) {
  SaveOptions options(request.ttl(), request.level(), request.operation());
  if constexpr (requires { request.similarity(); }) options.with_similarity(request.similarity());
  return options;
}

template <class Kind>
awaitable<std::vector<Hit<Kind>>> typed_hits(awaitable<std::vector<Hit<AnyMemory>>> search) {
  std::vector<Hit<AnyMemory>> hits = co_await std::move(search);
  std::vector<Hit<Kind>> typed;
  typed.reserve(hits.size());
  for (auto& hit : hits) {
    Hit<Kind> one;
    one.memory = std::get<Kind>(std::move(hit.memory));
    one.score = hit.score;
    one.why = std::move(hit.why);
    typed.push_back(std::move(one));
  }
  co_return typed;
}

template <class Kind>
awaitable<std::optional<Kind>> typed_memory(awaitable<std::optional<AnyMemory>> get) {
  std::optional<AnyMemory> memory = co_await std::move(get);
  std::optional<Kind> typed;
  if (memory) typed = std::get<Kind>(std::move(*memory));
  co_return typed;
}

}  // namespace

awaitable<RedisMemoryAdapter> create_memory_adapter(Options options) {
  memory::check(options);
  if (!options.log) options.log = default_log_sink();
  auto task = open_engine(options);
  MaybeHold hold = co_await run_on(opener(), std::move(task));
  auto impl = std::make_shared<RedisMemoryAdapter::Impl>(std::move(*hold), std::move(options));
  if (impl->options().backend == Backend::redis)
    co_await impl->engine().caught_up(impl->options().ns, impl->options().startup_wait);
  RedisMemoryAdapter adapter(std::move(impl));
  co_return adapter;
}

RedisMemoryAdapter::RedisMemoryAdapter(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
RedisMemoryAdapter::RedisMemoryAdapter(RedisMemoryAdapter&&) noexcept = default;
RedisMemoryAdapter& RedisMemoryAdapter::operator=(RedisMemoryAdapter&&) noexcept = default;
RedisMemoryAdapter::~RedisMemoryAdapter() = default;

awaitable<RedisMemoryAdapter> RedisMemoryAdapter::sibling(Options options) {
  RedisMemoryAdapter adapter(impl_->sibling(std::move(options)));
  const Options& made = adapter.impl_->options();
  if (made.backend == Backend::redis) co_await adapter.impl_->engine().caught_up(made.ns, made.startup_wait);
  co_return adapter;
}

awaitable<Step> RedisMemoryAdapter::add_step(NewStep step) {
  return impl_->add_step(std::move(step));
}
awaitable<std::vector<Step>> RedisMemoryAdapter::get_recent_steps(std::size_t n) {
  return impl_->recent_steps(n);
}
awaitable<std::string> RedisMemoryAdapter::get_context(std::size_t detailed) {
  return impl_->context(detailed);
}

awaitable<WriteResult> RedisMemoryAdapter::save_episode(NewEpisode episode) {
  return impl_->save_episode(std::move(episode));
}

awaitable<std::optional<Episode>> RedisMemoryAdapter::get_episode(std::string id) {
  return typed_memory<Episode>(impl_->get(std::move(id), {MemoryType::episodic}));
}

awaitable<std::vector<Hit<Episode>>> RedisMemoryAdapter::search_episodes(Query query) {
  return typed_hits<Episode>(impl_->search(only(std::move(query), MemoryType::episodic)));
}

awaitable<WriteResult> RedisMemoryAdapter::add_semantic(NewKnowledge request) {
  Knowledge knowledge = request.memory();
  if (knowledge.content.empty()) knowledge.content = knowledge.pattern;
  const WriteResult result = co_await impl_->save(std::move(knowledge), how(request));
  co_return result;
}

awaitable<std::optional<Knowledge>> RedisMemoryAdapter::get_semantic(std::string id) {
  return typed_memory<Knowledge>(impl_->get(std::move(id), {MemoryType::semantic}));
}

awaitable<std::vector<Hit<Knowledge>>> RedisMemoryAdapter::search_semantic(Query query) {
  return typed_hits<Knowledge>(impl_->search(only(std::move(query), MemoryType::semantic)));
}

awaitable<WriteResult> RedisMemoryAdapter::validate_semantic(std::string id, WriteOptions options) {
  return impl_->count_semantic(std::move(id), Counter::validations, std::move(options));
}

awaitable<WriteResult> RedisMemoryAdapter::invalidate_semantic(std::string id, WriteOptions options) {
  return impl_->count_semantic(std::move(id), Counter::invalidations, std::move(options));
}

awaitable<WriteResult> RedisMemoryAdapter::save_skill(NewSkill request) {
  Skill skill = request.memory();
  if (skill.content.empty()) skill.content = skill.description.empty() ? skill.name : skill.description;
  const WriteResult result = co_await impl_->save(std::move(skill), how(request));
  co_return result;
}

awaitable<std::optional<Skill>> RedisMemoryAdapter::get_skill(std::string name) {
  return impl_->skill(std::move(name));
}

awaitable<std::vector<Hit<Skill>>> RedisMemoryAdapter::search_skills(Query query) {
  return typed_hits<Skill>(impl_->search(only(std::move(query), MemoryType::skill)));
}

awaitable<WriteResult> RedisMemoryAdapter::record_skill_execution(std::string name, bool success,
                                                                  Milliseconds duration,
                                                                  WriteOptions options) {
  return impl_->count_execution(std::move(name), success, duration, std::move(options));
}

awaitable<WriteResult> RedisMemoryAdapter::remember(NewMemory request) {
  memory::check(request);
  AnyMemory typed = memory::typed(request.memory());
  const WriteResult result = co_await impl_->save(std::move(typed), how(request));
  co_return result;
}

awaitable<std::vector<WriteResult>> RedisMemoryAdapter::remember_many(std::vector<NewMemory> requests) {
  std::vector<MemoryDraft> drafts;
  drafts.reserve(requests.size());
  Level level = Level::local;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    try {
      memory::check(requests[i]);
      drafts.push_back(impl_->draft(memory::typed(requests[i].memory()), how(requests[i])));
    } catch (const Error& error) {
      throw bad_member(error, i + 1, requests.size());
    }
    level = std::max(level, impl_->level_or_default(requests[i].level()));  // the strictest is good for all
  }
  std::vector<WriteResult> results = co_await impl_->save_all(std::move(drafts), level);
  co_return results;
}

awaitable<std::vector<WriteResult>> RedisMemoryAdapter::put_many(std::vector<AnyMemory> memories) {
  return impl_->put_many(std::move(memories));
}

awaitable<std::optional<AnyMemory>> RedisMemoryAdapter::get(std::string id) {
  return impl_->get(std::move(id), long_term());
}

awaitable<std::optional<AnyMemory>> RedisMemoryAdapter::get(std::string id, MemoryType type) {
  check_long_term({type});
  return impl_->get(std::move(id), {type});
}

awaitable<std::vector<std::optional<AnyMemory>>> RedisMemoryAdapter::get_many(std::vector<std::string> ids) {
  return impl_->get_many(std::move(ids));
}

awaitable<WriteResult> RedisMemoryAdapter::update(AnyMemory memory, WriteOptions options) {
  return impl_->update(std::move(memory), std::move(options));
}
awaitable<WriteResult> RedisMemoryAdapter::forget(std::string id, WriteOptions options) {
  return impl_->forget(std::move(id), std::move(options));
}

awaitable<std::vector<AnyMemory>> RedisMemoryAdapter::list(MemoryType type, std::size_t limit,
                                                           std::string after_id) {
  return impl_->list(type, limit, std::move(after_id));
}

awaitable<std::vector<AnyMemory>> RedisMemoryAdapter::newest(std::vector<MemoryType> types,
                                                             std::size_t limit) {
  return impl_->newest(std::move(types), limit);
}

awaitable<std::vector<Hit<AnyMemory>>> RedisMemoryAdapter::search(Query query) {
  return impl_->search(std::move(query));
}

awaitable<AllHits> RedisMemoryAdapter::search_all(Query query) {
  return impl_->search_all(std::move(query));
}

awaitable<Context> RedisMemoryAdapter::get_enriched_context(ContextRequest request) {
  return impl_->enriched_context(std::move(request));
}

std::string RedisMemoryAdapter::session_id() const {
  return impl_->session_id();
}
awaitable<std::string> RedisMemoryAdapter::rotate_session() {
  return impl_->rotate_session();
}
awaitable<std::vector<Session>> RedisMemoryAdapter::get_session_history() {
  return impl_->session_history();
}

awaitable<ConsolidateReport> RedisMemoryAdapter::consolidate(ConsolidateRequest request) {
  return impl_->consolidate(request);
}

awaitable<Subscription> RedisMemoryAdapter::subscribe(std::vector<MemoryType> types) {
  return impl_->subscribe(std::move(types));
}

HealthWatch RedisMemoryAdapter::watch_health() {
  return impl_->watch_health();
}
awaitable<DigestReport> RedisMemoryAdapter::digest(Milliseconds deadline) {
  return impl_->digest(deadline);
}
awaitable<RepairReport> RedisMemoryAdapter::repair(Milliseconds deadline) {
  return impl_->repair(deadline);
}

awaitable<bool> RedisMemoryAdapter::wait_for_vectors(Milliseconds deadline) {
  return impl_->wait_for_vectors(deadline);
}

awaitable<bool> RedisMemoryAdapter::flush(Milliseconds deadline) {
  return impl_->flush(deadline);
}
awaitable<Stats> RedisMemoryAdapter::stats() {
  return impl_->stats();
}
awaitable<std::vector<Finding>> RedisMemoryAdapter::diagnose() {
  return impl_->diagnose();
}
bool RedisMemoryAdapter::redis_available() const noexcept {
  return impl_->relay_up();
}
const std::string& RedisMemoryAdapter::agent_id() const noexcept {
  return impl_->options().agent_id;
}
const std::string& RedisMemoryAdapter::ns() const noexcept {
  return impl_->options().ns;
}
awaitable<void> RedisMemoryAdapter::close(Milliseconds deadline) {
  return impl_->close(deadline);
}

}  // namespace comem
