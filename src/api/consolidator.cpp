#include "api/consolidator.hpp"

#include <comem/error.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "api/memory_writes.hpp"
#include "api/run.hpp"
#include "api/tokenise.hpp"
#include "core/signal.hpp"
#include "memory/check.hpp"
#include "memory/codec.hpp"
#include "memory/compared_text.hpp"
#include "memory/consolidation.hpp"

namespace comem {

using storage::ReadTransaction;
using Kind = ConsolidateAction::Kind;

namespace {

constexpr std::size_t records_page = 1000;
constexpr std::size_t max_examined = 200'000;

template <class Kind>
std::vector<Kind> all_of(ReadTransaction& tx, MemoryType type, const Options& options, TimePoint now) {
  std::vector<Kind> all;
  std::string after;
  for (;;) {
    const auto records = tx.list(options.ns, type, after, now, records_page);
    for (const auto& record : records) {
      auto memory = readable_memory(record, now, options);
      if (memory) all.push_back(std::get<Kind>(std::move(*memory)));
    }
    if (records.size() < records_page || all.size() >= max_examined) return all;
    after = records.back().key.id;
  }
}

/// A plan, and the versions of what it was made from.
struct Planned {
  Planned() = default;
  memory::ConsolidationPlan plan;
  std::map<std::string, Version> versions;  // of the episodes that the plan forgets or keeps in their place
  std::map<std::string, std::string> keepers;  // of each duplicate
};

/// What the episodes say. Those with nearly the words of one come from the index.
memory::Wordings wordings_of(const std::vector<Episode>& episodes, const storage::IndexView& index,
                             double similarity, TimePoint now) {
  auto texts = std::make_shared<std::vector<std::string>>();
  auto places = std::make_shared<std::unordered_map<std::string, std::size_t>>();
  memory::Wordings wordings;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    texts->push_back(memory::compared_text(AnyMemory(episodes[i])));
    places->emplace(episodes[i].id, i);
    wordings.of.push_back(memory::wording_of(texts->back(), tokenise(texts->back())));
  }
  wordings.candidates = [texts, places, &index, similarity, now](std::size_t place) {
    std::vector<std::size_t> found;
    for (const auto& id : index.sharing((*texts)[place], similarity, MemoryType::episodic, now))
      if (const auto known = places->find(id); known != places->end()) found.push_back(known->second);
    return found;
  };
  return wordings;
}

Planned make_plan(ReadTransaction& tx, storage::IndexView& index, const Options& options,
                  const ConsolidateRequest& request, TimePoint now) {
  index.refresh(tx, now);
  const auto episodes = all_of<Episode>(tx, MemoryType::episodic, options, now);
  const auto known = all_of<Knowledge>(tx, MemoryType::semantic, options, now);
  Planned planned;
  auto wordings = wordings_of(episodes, index, request.similarity, now);
  planned.plan = memory::plan_consolidation(episodes, std::move(wordings), request, now, known);
  std::set<std::string> concerned(planned.plan.forgotten.begin(), planned.plan.forgotten.end());
  for (const auto& action : planned.plan.report.actions) {
    if (action.kind != Kind::merge) continue;
    const auto& keeper = action.memory_ids.front();
    concerned.insert(keeper);
    for (const auto& id : action.memory_ids)
      if (id != keeper) planned.keepers[id] = keeper;
  }
  for (const auto& episode : episodes)
    if (concerned.contains(episode.id)) planned.versions[episode.id] = episode.version;
  return planned;
}

MemoryWrites::Seen seen(const Planned& planned, const std::string& id) {
  return MemoryWrites::Seen(MemoryType::episodic, id, planned.versions.at(id));
}

/// Takes out of the report what was not done after all.
void drop_undone(ConsolidateReport& report, const std::set<std::string>& undone) {
  const auto drop = [&](const std::string& id) { return undone.contains(id); };
  for (auto& action : report.actions) {
    if (action.kind == Kind::derive) continue;
    auto& ids = action.memory_ids;
    const auto first = ids.begin() + (action.kind == Kind::merge ? 1 : 0);  // of those that are forgotten
    ids.erase(std::remove_if(first, ids.end(), drop), ids.end());
  }
  std::erase_if(report.actions, [](const ConsolidateAction& action) {
    return action.memory_ids.size() < (action.kind == Kind::merge ? 2u : 1u);
  });
}

}  // namespace

awaitable<ConsolidateReport> consolidate(storage::Engine& engine, Options options,
                                         ConsolidateRequest request) {
  memory::check(request);
  co_await engine.save_accesses();  // what was read is not unused
  std::function<Planned(ReadTransaction&)> plan_it = [request, options, &index = engine.index(options.ns),
                                                      at = engine.clock().now()](ReadTransaction& tx) {
    return make_plan(tx, index, options, request, at);
  };
  Planned planned = co_await read_value(engine, std::move(plan_it));
  memory::ConsolidationPlan& plan = planned.plan;
  plan.report.dry_run = request.dry_run;
  if (request.dry_run) co_return plan.report;
  MemoryWrites writes(engine, options);
  // Kept episodes and facts first, what they replace last: a crash in between leaves too much, never too
  // little. What changed since it was read is left as it is; so are the duplicates of a kept one that
  // changed.
  for (auto& episode : plan.merged) {
    Version& version = planned.versions[episode.id];
    auto update = writes.update_if_unchanged(std::move(episode), version);
    const WriteResult kept = co_await std::move(update);
    version = kept.version;
  }
  std::vector<MemoryDraft> drafts;
  for (auto& fact : plan.derived) drafts.push_back(writes.draft(std::move(fact), SaveOptions(), ""));
  co_await writes.save_all(std::move(drafts), options.level, nullptr);
  std::vector<MemoryWrites::Forgotten> forgotten;
  for (const auto& id : plan.forgotten) {
    std::optional<MemoryWrites::Seen> keeper;
    const auto found = planned.keepers.find(id);
    if (found != planned.keepers.end()) keeper = seen(planned, found->second);
    forgotten.emplace_back(seen(planned, id), std::move(keeper));
  }
  auto forgetting = writes.forget_if_unchanged(std::move(forgotten));
  const std::set<std::string> undone = co_await std::move(forgetting);
  drop_undone(plan.report, undone);
  co_return plan.report;
}

awaitable<void> consolidate_regularly(storage::Engine& engine, Options options,
                                      std::shared_ptr<const std::atomic<bool>> stopped) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Signal nobody(executor);
  ConsolidateRequest request;
  request.apply();
  for (;;) {
    co_await nobody.wait(engine.clock().steady() + options.consolidate_interval);
    if (stopped->load(std::memory_order_acquire)) co_return;
    try {
      co_await consolidate(engine, options, request);
    } catch (const Error& error) {
      if (options.log) options.log(LogLevel::warning, fmt::format("consolidation failed: {}", error.what()));
    }
  }
}

}  // namespace comem
