#include "api/working_memory.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "api/adapter_impl.hpp"
#include "api/run.hpp"
#include "core/ids.hpp"
#include "memory/check.hpp"
#include "memory/codec.hpp"
#include "memory/narrative.hpp"
#include "storage/merge.hpp"

namespace comem {

using storage::ReadTransaction;
using storage::Touched;
using storage::WriteTransaction;

namespace {
// Steps beyond the capacity come one at a time; more of them only after the capacity was lowered.
constexpr std::size_t surplus = 1000;

/// A retry: the same task under the same id, with nothing in working memory, because the first call took it.
/// What that call wrote from the steps stays with the episode.
void keep_told(Episode& retry, const Record& record) {
  Episode told;
  try {
    told = std::get<Episode>(memory::memory_from_record(record));
  } catch (const Error&) {  // what cannot be read is replaced
    return;
  }
  if (told.steps.empty() || told.task_prompt != retry.task_prompt) return;
  if (!retry.content.empty() && retry.content != told.content) return;
  retry.content = std::move(told.content);
  retry.summary = std::move(told.summary);
  if (retry.tools_used.empty()) retry.tools_used = std::move(told.tools_used);
  retry.steps = std::move(told.steps);
}

/// The steps in these records, the last of which comes first; at most `n`.
std::vector<Step> read_steps(const std::vector<Record>& records, std::size_t n) {
  std::vector<Step> steps;
  for (std::size_t i = std::min(n, records.size()); i > 0; --i) {
    try {
      steps.push_back(memory::step_from_record(records[i - 1]));
    } catch (const Error&) {  // a step that cannot be read is as good as expired
    }
  }
  return steps;
}

/// Deletes all of these steps but the first `keep`. Lists them in `touched`.
void drop_records(WriteTransaction& tx, const std::vector<Record>& records, std::size_t keep,
                  const std::string& agent, TimePoint now, Milliseconds tombstone_ttl,
                  std::vector<Touched>& touched) {
  for (std::size_t i = keep; i < records.size(); ++i) {
    // Nobody misses the tombstone of a mortal step for long; one without end would come back from elsewhere.
    const bool mortal = records[i].expires_at != no_expiry;
    const Milliseconds kept_for = mortal ? std::chrono::hours(1) : tombstone_ttl;
    const auto applied = storage::remove_local(tx, records[i], agent, now, kept_for);
    if (applied.changed()) touched.emplace_back(records[i].key, applied.change);
  }
}

/// An episode on its way into the store. The transaction may run more than once.
struct EpisodeSave {
  EpisodeSave() = default;

  void run(WriteTransaction& tx, const MemoryWriter& writer, const Operations& operations) {
    touched.clear();
    result = operations.once(tx, draft.operation, at, [&] { return put(tx, writer); });
    if (write_session) write_session(tx, touched);
  }

  MemoryDraft draft;  ///< as of no steps: only the transaction knows them
  bool content_given = false, summary_given = false;
  TimePoint at{};
  std::size_t capacity = 0;
  Milliseconds tombstone_ttl{};
  MemoryWrites::Also write_session;
  std::vector<Touched> touched;
  WriteResult result;

 private:
  WriteResult put(WriteTransaction& tx, const MemoryWriter& writer) {
    const auto& ns = draft.record.key.ns;
    const auto& agent = draft.record.writer;
    const auto records = tx.find(ns, MemoryType::working, agent, at, capacity + surplus);
    const auto steps = read_steps(records, capacity);
    const auto existing = draft.fresh || !steps.empty() ? std::nullopt : tx.get(draft.record.key);
    const bool told = !steps.empty() || (existing && existing->live(at));
    WriteResult saved = told ? writer.put(tx, tell(steps, existing, writer), at, touched)
                             : writer.put(tx, draft, at, touched);
    drop_records(tx, records, 0, agent, at, tombstone_ttl, touched);
    return saved;
  }

  /// The draft with what the steps tell, or what a retry comes back to.
  MemoryDraft tell(const std::vector<Step>& steps, const std::optional<Record>& existing,
                   const MemoryWriter& writer) const {
    MemoryDraft full = draft;
    auto& episode = std::get<Episode>(full.memory);
    if (!content_given) episode.content.clear();
    if (!summary_given) episode.summary.clear();
    if (existing) keep_told(episode, *existing);
    memory::complete(episode, steps, at);
    memory::check(full.memory);
    writer.prepare(full, at);
    return full;
  }
};

}  // namespace

std::vector<Step> steps_of(ReadTransaction& tx, const std::string& ns, const std::string& agent,
                           TimePoint now, std::size_t n) {
  return read_steps(tx.find(ns, MemoryType::working, agent, now, n), n);
}

void drop_steps(WriteTransaction& tx, const std::string& ns, const std::string& agent, TimePoint now,
                std::size_t keep, Milliseconds tombstone_ttl, std::vector<Touched>& touched) {
  drop_records(tx, tx.find(ns, MemoryType::working, agent, now, keep + surplus), keep, agent, now,
               tombstone_ttl, touched);
}

Step RedisMemoryAdapter::Impl::new_step(const Step& given) {
  Step step = given;
  const std::lock_guard lock(mutex_);
  // Ids order steps of the same millisecond, and keep their order when the wall clock is set back.
  const std::int64_t ms = now().time_since_epoch().count();
  step_counter_ = ms > last_step_ms_ ? 0 : step_counter_ + 1;
  last_step_ms_ = std::max(ms, last_step_ms_);
  step.time = TimePoint(Milliseconds(last_step_ms_));
  step.id = fmt::format("{:012x}{:08x}{}", last_step_ms_, step_counter_, make_random_id());
  return step;
}

awaitable<Step> RedisMemoryAdapter::Impl::add_step(NewStep request) {
  check_open();
  const Step step = new_step(request.step());
  memory::check(step);
  const TimePoint at = now();
  const bool forever = options_.working_ttl == Milliseconds::zero();
  const TimePoint expires_at = forever ? no_expiry : step.time + options_.working_ttl;
  auto record = std::make_shared<Record>(
      memory::to_record(options_.ns, step, options_.agent_id, expires_at, options_.compression_threshold));
  auto touched = std::make_shared<std::vector<Touched>>();
  storage::WriteFunction write = [record, touched, at, ns = options_.ns, agent = options_.agent_id,
                                  capacity = options_.working_capacity,
                                  keep = options_.tombstone_ttl](WriteTransaction& tx) {
    touched->clear();
    const auto applied = storage::put_local(tx, *record, std::nullopt);
    touched->emplace_back(record->key, applied.change);
    drop_steps(tx, ns, agent, at, capacity, keep, *touched);
  };
  co_await engine_->commit(options_.ns, std::move(write), options_.level, touched);
  co_return step;
}

awaitable<std::vector<Step>> RedisMemoryAdapter::Impl::recent_steps(std::size_t n) {
  check_open();
  std::function<std::vector<Step>(ReadTransaction&)> look =
      [ns = options_.ns, agent = options_.agent_id, at = now(), n = std::min(n, options_.working_capacity)](
          ReadTransaction& tx) { return n == 0 ? std::vector<Step>() : steps_of(tx, ns, agent, at, n); };
  std::vector<Step> steps = co_await read_value(*engine_, std::move(look));
  co_return steps;
}

awaitable<std::string> RedisMemoryAdapter::Impl::context(std::size_t detailed) {
  const std::vector<Step> steps = co_await recent_steps(options_.working_capacity);
  co_return memory::working_context(steps, detailed);
}

awaitable<WriteResult> RedisMemoryAdapter::Impl::save_episode(NewEpisode request) {
  check_open();
  SaveOptions how(request.ttl(), request.level(), request.operation());
  const Level level = level_or_default(request.level());
  Episode episode = request.memory();
  if (episode.task_prompt.empty() && episode.content.empty())
    throw Error(errc::invalid_argument, "an episode needs a task prompt or a content");
  auto save = std::make_shared<EpisodeSave>();
  save->at = now();
  save->capacity = options_.working_capacity;
  save->tombstone_ttl = options_.tombstone_ttl;
  save->content_given = !episode.content.empty();
  save->summary_given = !episode.summary.empty();
  const TimePoint given = episode.time;
  memory::complete(episode, {}, save->at);
  episode.time = given;  // draft() fills it in, and knows then that a retry may keep the first one
  save->draft = draft(std::move(episode), std::move(how));
  save->write_session = session_writer();
  storage::WriteFunction write = [save, writer = writes_.writer(), operations = writes_.operations()](
                                     WriteTransaction& tx) { save->run(tx, *writer, *operations); };
  const storage::TouchedList touched(save, &save->touched);
  const Outcome outcome = co_await engine_->commit(options_.ns, std::move(write), level, touched);
  session_written();
  save->result.outcome = outcome;
  co_return std::move(save->result);
}

}  // namespace comem
