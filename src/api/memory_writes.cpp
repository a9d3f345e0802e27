#include "api/memory_writes.hpp"

#include <comem/error.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "api/run.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/check.hpp"
#include "memory/codec.hpp"
#include "storage/merge.hpp"

namespace comem {

using storage::Touched;
using storage::TouchedList;
using storage::WriteFunction;
using storage::WriteTransaction;

namespace {

constexpr std::size_t chunk = 500;  // memories of a bulk write that share one transaction

/// A skill that was renamed must not become the second of its name.
void check_name_is_free(WriteTransaction& tx, const MemoryDraft& draft, TimePoint now) {
  const auto* skill = std::get_if<Skill>(&draft.memory);
  if (!skill) return;
  const auto namesakes = tx.find(draft.record.key.ns, MemoryType::skill, skill->name, now, 1);
  if (namesakes.empty() || namesakes.front().key.id == skill->id) return;
  throw Error(
      errc::invalid_argument,
      fmt::format("another skill is named '{}'; forget it or choose another name", printable(skill->name)));
}

bool is_as_seen(const std::optional<Record>& record, const Version& seen, TimePoint now) {
  return record && record->live(now) && record->version == seen;
}

WriteResult nothing_done(const std::string& id) {
  WriteResult result;
  result.id = id;
  result.changed = false;
  return result;
}

/// The next part of a bulk write, out of `drafts`.
std::shared_ptr<std::vector<MemoryDraft>> take_part(std::vector<MemoryDraft>& drafts, std::size_t first) {
  auto part = std::make_shared<std::vector<MemoryDraft>>();
  for (std::size_t i = first; i < drafts.size() && i < first + chunk; ++i)
    part->push_back(std::move(drafts[i]));
  return part;
}

/// The error of one part of a bulk write, saying what became of the others.
Error part_error(const Error& error, std::size_t first, std::size_t size, std::size_t all) {
  if (size == all) return error;
  const auto code = static_cast<errc>(error.code().value());
  return Error(code,
               fmt::format("memories {} to {} of {} were not saved, nor those behind them: {}", first + 1,
                           first + size, all, error.what()),
               error.server_text());
}

}  // namespace

MemoryWrites::MemoryWrites(storage::Engine& engine, Options options)
    : engine_(engine),
      options_(std::move(options)),
      writer_(std::make_shared<MemoryWriter>(options_.ns, options_.agent_id, options_.compression_threshold,
                                             options_.tombstone_ttl)),
      operations_(std::make_shared<Operations>(options_.ns, options_.operation_ttl)) {}

MemoryDraft MemoryWrites::draft(AnyMemory memory, SaveOptions how, const std::string& session) const {
  MemoryDraft draft;
  Memory& base = common(memory);
  const TimePoint at = now();
  const auto ttl = how.ttl;
  if (!how.operation.empty()) check_id(how.operation, "operation");
  draft.operation = std::move(how.operation);
  if (ttl) memory::check_ttl(*ttl);
  memory::check_similarity(how.similarity);
  if (base.agent.empty()) base.agent = options_.agent_id;
  if (base.session.empty()) base.session = session;
  draft.keeps_time = base.time == TimePoint{};
  if (draft.keeps_time) base.time = at;
  base.created_at = at;
  const Milliseconds life = ttl.value_or(time_to_live(base.type, options_));
  base.expires_at = life == Milliseconds::zero() ? no_expiry : at + life;
  draft.keeps_expiry = !ttl;
  draft.by_name = std::holds_alternative<Skill>(memory);
  finish(draft, std::move(memory), at);
  draft.similarity = how.similarity;
  if (how.similarity > 0) draft.says.emplace(draft.memory);
  return draft;
}

MemoryDraft MemoryWrites::exact_draft(AnyMemory memory, TimePoint at) const {
  MemoryDraft draft;
  Memory& base = common(memory);
  draft.brings_counters = true;
  draft.keeps_created = base.created_at == TimePoint{};
  draft.keeps_expiry = draft.keeps_created && base.expires_at == no_expiry;
  draft.exact_expiry = !draft.keeps_expiry;
  if (draft.keeps_created) base.created_at = at;
  const Milliseconds life = time_to_live(base.type, options_);
  if (draft.keeps_expiry && life != Milliseconds::zero()) base.expires_at = at + life;
  if (base.agent.empty()) base.agent = options_.agent_id;
  finish(draft, std::move(memory), at);
  return draft;
}

void MemoryWrites::finish(MemoryDraft& draft, AnyMemory memory, TimePoint at) const {
  Memory& base = common(memory);
  const auto* skill = std::get_if<Skill>(&memory);
  draft.fresh = base.id.empty() && !skill;
  if (base.id.empty()) base.id = skill ? id_from_name(skill->name) : make_id(at);
  memory::check(memory);
  draft.memory = std::move(memory);
  writer_->prepare(draft, at);
}

awaitable<std::vector<WriteResult>> MemoryWrites::save_all(std::vector<MemoryDraft> drafts, Level level,
                                                           Also also) {
  std::vector<WriteResult> results;
  results.reserve(drafts.size());
  for (std::size_t first = 0; first < drafts.size(); first += chunk) {
    auto part = take_part(drafts, first);
    auto touched = std::make_shared<std::vector<Touched>>();
    auto done = std::make_shared<std::vector<WriteResult>>();
    auto looking = look_up(part);
    Alike found = co_await std::move(looking);
    const auto alike = std::make_shared<const Alike>(std::move(found));
    WriteFunction write = [part, touched, done, also, alike, ns = options_.ns, writer = writer_,
                           operations = operations_, at = now()](WriteTransaction& tx) {
      touched->clear();
      done->clear();
      Deduplication duplicates(ns, *alike, at);
      for (std::size_t i = 0; i < part->size(); ++i) {
        const auto& draft = (*part)[i];
        const auto put = [&] {
          const auto standing = duplicates.standing(tx, draft, i);
          return standing ? writer->keep(tx, *standing, draft, at, *touched)
                          : writer->put(tx, draft, at, *touched);
        };
        done->push_back(operations->once(tx, draft.operation, at, put));
      }
      if (also) also(tx, *touched);
    };
    Outcome outcome = Outcome::ok;
    try {
      outcome = co_await engine_.commit(options_.ns, std::move(write), level, touched);
    } catch (const Error& error) {
      throw part_error(error, first, part->size(), drafts.size());
    }
    for (auto& result : *done) {
      result.outcome = outcome;
      results.push_back(std::move(result));
    }
  }
  co_return results;
}

awaitable<Alike> MemoryWrites::look_up(std::shared_ptr<std::vector<MemoryDraft>> drafts) {
  const auto asks = [](const MemoryDraft& draft) { return draft.says.has_value(); };
  Alike alike;
  if (std::none_of(drafts->begin(), drafts->end(), asks)) co_return alike;
  std::function<Alike(storage::ReadTransaction&)> look =
      [drafts, &index = engine_.index(options_.ns), ns = options_.ns,
       at = now()](storage::ReadTransaction& tx) { return look_for(tx, index, *drafts, ns, at); };
  auto reading = read_value(engine_, std::move(look));
  alike = co_await std::move(reading);
  co_return alike;
}

awaitable<WriteResult> MemoryWrites::commit(Work work, WriteOptions how) {
  if (!how.operation().empty()) check_id(how.operation(), "operation");
  auto touched = std::make_shared<std::vector<Touched>>();
  auto result = std::make_shared<WriteResult>();
  WriteFunction write = [work = std::move(work), operation = how.operation(), operations = operations_,
                         touched, result, at = now()](WriteTransaction& tx) {
    touched->clear();
    *result = operations->once(tx, operation, at, [&] { return work(tx, *touched); });
  };
  const Level level = how.level().value_or(options_.level);
  const Outcome outcome = co_await engine_.commit(options_.ns, std::move(write), level, touched);
  result->outcome = outcome;
  co_return *result;
}

awaitable<WriteResult> MemoryWrites::update(AnyMemory memory, WriteOptions how) {
  auto replacing = replace(std::move(memory), std::nullopt, std::move(how));
  WriteResult result = co_await std::move(replacing);
  co_return result;
}

awaitable<WriteResult> MemoryWrites::update_if_unchanged(AnyMemory memory, Version seen) {
  std::optional<Version> version(std::move(seen));
  WriteOptions usual;
  auto replacing = replace(std::move(memory), std::move(version), std::move(usual));
  WriteResult result = co_await std::move(replacing);
  co_return result;
}

awaitable<WriteResult> MemoryWrites::replace(AnyMemory memory, std::optional<Version> seen,
                                             WriteOptions how) {
  memory::check(memory);
  MemoryDraft draft;
  draft.memory = std::move(memory);
  Memory& base = common(draft.memory);
  if (base.agent.empty()) base.agent = options_.agent_id;
  writer_->prepare(draft, now());
  Work work = [draft, seen, writer = writer_, at = now()](WriteTransaction& tx,
                                                          std::vector<Touched>& touched) {
    const auto existing = tx.get(draft.record.key);
    if (seen && !is_as_seen(existing, *seen, at)) return nothing_done(draft.record.key.id);
    if (!existing || !existing->live(at))
      throw Error(errc::not_found,
                  fmt::format("there is no {} memory '{}' to update", name_of(draft.record.key.type),
                              printable(draft.record.key.id)));
    check_name_is_free(tx, draft, at);
    return writer->put(tx, draft, at, touched);
  };
  WriteResult result = co_await commit(std::move(work), std::move(how));
  co_return result;
}

awaitable<WriteResult> MemoryWrites::forget(std::string id, WriteOptions how) {
  Work work = [id, ns = options_.ns, agent = options_.agent_id, at = now(), keep = options_.tombstone_ttl](
                  WriteTransaction& tx, std::vector<Touched>& touched) {
    WriteResult result = nothing_done(id);
    for (const auto type : long_term_types) {
      const auto existing = tx.get(RecordKey(ns, type, id));
      if (!existing) continue;
      const auto applied = storage::remove_local(tx, *existing, agent, at, keep);
      if (!applied.changed()) continue;
      touched.emplace_back(existing->key, applied.change);
      result.version = applied.version;
      result.changed = true;
    }
    return result;
  };
  WriteResult result = co_await commit(std::move(work), std::move(how));
  co_return result;
}

awaitable<std::set<std::string>> MemoryWrites::forget_if_unchanged(std::vector<Forgotten> memories) {
  std::set<std::string> undone;
  const auto all = std::make_shared<const std::vector<Forgotten>>(std::move(memories));
  for (std::size_t first = 0; first < all->size(); first += chunk) {
    const auto stays = std::make_shared<std::set<std::string>>();
    Work work = [all, stays, first, ns = options_.ns, agent = options_.agent_id, at = now(),
                 keep = options_.tombstone_ttl](WriteTransaction& tx, std::vector<Touched>& touched) {
      stays->clear();
      const auto is_same = [&](const Seen& seen) {
        return is_as_seen(tx.get(RecordKey(ns, seen.type, seen.id)), seen.version, at);
      };
      for (std::size_t i = first; i < all->size() && i < first + chunk; ++i) {
        const auto& [memory, keeper] = (*all)[i];
        if (!is_same(memory) || (keeper && !is_same(*keeper))) {
          stays->insert(memory.id);
          continue;
        }
        const auto existing = tx.get(RecordKey(ns, memory.type, memory.id));
        const auto applied = storage::remove_local(tx, *existing, agent, at, keep);
        touched.emplace_back(existing->key, applied.change);
      }
      return WriteResult();
    };
    WriteOptions usual;
    auto committing = commit(std::move(work), std::move(usual));
    co_await std::move(committing);
    undone.merge(*stays);
  }
  co_return undone;
}

awaitable<WriteResult> MemoryWrites::count(std::string what, FindRecord find, Count add, WriteOptions how) {
  Work work = [what, find = std::move(find), add = std::move(add), at = now(),
               store_id = engine_.store().store_id()](WriteTransaction& tx, std::vector<Touched>& touched) {
    auto record = find(tx);
    if (!record || !record->live(at)) throw Error(errc::not_found, fmt::format("there is no {}", what));
    add(record->counters, store_id);
    const auto applied = storage::put_counters(tx, *record);
    touched.emplace_back(record->key, applied.change);
    WriteResult result;
    result.id = record->key.id;
    result.version = applied.version;
    return result;
  };
  WriteResult result = co_await commit(std::move(work), std::move(how));
  co_return result;
}

}  // namespace comem
