#include "api/searching.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <iterator>

#include "api/adapter_impl.hpp"
#include "api/run.hpp"
#include "api/session_chain.hpp"
#include "api/tokenise.hpp"
#include "api/working_memory.hpp"
#include "memory/check.hpp"
#include "memory/compared_text.hpp"
#include "memory/context_text.hpp"
#include "memory/narrative.hpp"
#include "memory/said.hpp"

namespace comem {

using storage::IndexView;
using storage::ReadTransaction;

namespace {

constexpr std::size_t max_more_matches = 1000;  // that are asked for in place of missing ones

/// The memories of the matches, at most `limit`.
std::vector<Hit<AnyMemory>> hits_of(ReadTransaction& tx, std::vector<ArmMatch> matches, std::size_t limit,
                                    const Options& options, TimePoint now) {
  std::vector<Hit<AnyMemory>> hits;
  for (auto& [match, arm] : matches) {
    if (hits.size() == limit) break;
    auto memory = readable_memory(tx, RecordKey(options.ns, match.type, match.id), now, options);
    if (!memory) continue;  // saved or forgotten between this snapshot and the index
    Hit<AnyMemory> hit;
    hit.memory = std::move(*memory);
    hit.score = match.score;
    hit.why.words = std::move(match.words);
    hit.why.heard = std::move(match.heard);
    hit.why.explanation = std::move(match.explanation);
    hit.why.arm = std::move(arm);
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace

std::vector<Hit<AnyMemory>> search_in(ReadTransaction& tx, const SearchArms& arms, const Query& query,
                                      const Options& options, TimePoint now) {
  std::set<std::string> sessions;
  if (!query.session.empty()) {
    sessions.insert(query.session);
    if (query.linked_sessions) sessions = linked_sessions(tx, options.ns, query.session, now);
  }
  // Others bring the index further than this snapshot; what it lacks must not take the place of what it has.
  const std::size_t most = query.limit + max_more_matches;
  Query wider = query;
  for (;;) {
    auto found = find_matches(tx, arms, wider, sessions, now);
    const bool all = found.all || wider.limit == most;
    auto hits = hits_of(tx, std::move(found.matches), query.limit, options, now);
    if (all || hits.size() == query.limit) return hits;
    wider.limit = std::min(wider.limit * 2, most);
  }
}

namespace {

template <class Kind>
std::vector<Hit<Kind>> of_kind(std::vector<Hit<AnyMemory>> hits) {
  std::vector<Hit<Kind>> typed;
  for (auto& hit : hits) {
    auto* memory = std::get_if<Kind>(&hit.memory);
    if (!memory) continue;
    Hit<Kind> one;
    one.memory = std::move(*memory);
    one.score = hit.score;
    one.why = std::move(hit.why);
    typed.push_back(std::move(one));
  }
  return typed;
}

/// How many of each type the context may name; zero: as many as fit.
std::size_t limit_of(const ContextRequest& request) noexcept {
  constexpr std::size_t usual = 3;
  if (request.limit_per_type > 0) return request.limit_per_type;
  return request.token_budget == 0 ? usual : 0;
}

/// How many of each type are looked at, since some of them will say the same.
std::size_t candidates_for(const ContextRequest& request) noexcept {
  constexpr std::size_t most = 1000, tokens_of_a_line = 24;
  const std::size_t limit = limit_of(request);
  if (limit > 0) return std::min(limit + limit / 2 + 4, most);
  return std::clamp<std::size_t>(request.token_budget / tokens_of_a_line, 8, 64);
}

AllHits search_each(ReadTransaction& tx, const SearchArms& arms, const Query& query, const Options& options,
                    TimePoint now) {
  const auto wanted = [&](MemoryType type) {
    return query.types.empty() ||
           std::find(query.types.begin(), query.types.end(), type) != query.types.end();
  };
  const auto only = [&](MemoryType type) {
    Query one = query;
    one.types = {type};
    return search_in(tx, arms, one, options, now);
  };
  AllHits hits;
  if (wanted(MemoryType::episodic)) hits.episodic = of_kind<Episode>(only(MemoryType::episodic));
  if (wanted(MemoryType::semantic)) hits.semantic = of_kind<Knowledge>(only(MemoryType::semantic));
  if (wanted(MemoryType::skill)) hits.skills = of_kind<Skill>(only(MemoryType::skill));
  return hits;
}

}  // namespace

awaitable<SearchArms> RedisMemoryAdapter::Impl::search_arms(std::string text) {
  vectors::SharedVector vector;
  const auto* view = engine_->vectors(options_.ns);
  if (auto* embedder = engine_->embedder()) {
    vector = co_await embedder->query_vector(std::move(text));
    const std::size_t held = view->dimensions();
    if (vector && held != 0 && held != vector->size()) embedder->suspect_model();
  }
  co_return SearchArms(engine_->index(options_.ns), view, std::move(vector));
}

awaitable<std::vector<Hit<AnyMemory>>> RedisMemoryAdapter::Impl::search(Query query) {
  check_open();
  memory::check(query);
  check_long_term(query.types);
  using Hits = std::vector<Hit<AnyMemory>>;
  const SearchArms arms = co_await search_arms(query.text);
  std::function<Hits(ReadTransaction&)> look = [arms, query = std::move(query), options = options_,
                                                at = now()](ReadTransaction& tx) {
    return search_in(tx, arms, query, options, at);
  };
  Hits hits = co_await read_value(*engine_, std::move(look));
  for (const auto& hit : hits) accessed(common(hit.memory));
  co_return hits;
}

namespace {

/// Of hits that say the same the newest is left, where the best stood.
template <class Kind>
void leave_each_once(std::vector<Hit<Kind>>& hits, std::size_t limit) {
  std::vector<memory::Said> said;
  for (const auto& hit : hits) {
    const auto text = memory::compared_text(AnyMemory(hit.memory));
    said.emplace_back(memory::wording_of(text, tokenise(text)), hit.memory);
  }
  std::vector<Hit<Kind>> left;
  for (const auto& group : memory::repetitions(said)) {
    if (left.size() == limit) break;
    const double score = hits[*std::min_element(group.begin(), group.end())].score;
    left.push_back(std::move(hits[group.front()]));
    left.back().score = score;
  }
  hits = std::move(left);
}

}  // namespace

awaitable<AllHits> RedisMemoryAdapter::Impl::search_all(Query query) {
  check_open();
  memory::check(query);
  check_long_term(query.types);
  const SearchArms arms = co_await search_arms(query.text);
  std::function<AllHits(ReadTransaction&)> look = [arms, query = std::move(query), options = options_,
                                                   at = now()](ReadTransaction& tx) {
    Query wider = query;
    wider.limit += query.limit / 2 + 4;
    AllHits hits = search_each(tx, arms, wider, options, at);
    leave_each_once(hits.episodic, query.limit);
    leave_each_once(hits.semantic, query.limit);
    if (hits.skills.size() > query.limit) hits.skills.resize(query.limit);
    return hits;
  };
  AllHits hits = co_await read_value(*engine_, std::move(look));
  for (const auto& hit : hits.episodic) accessed(hit.memory);
  for (const auto& hit : hits.semantic) accessed(hit.memory);
  for (const auto& hit : hits.skills) accessed(hit.memory);
  co_return hits;
}

awaitable<Context> RedisMemoryAdapter::Impl::enriched_context(ContextRequest request) {
  check_open();
  memory::check(request);
  const SearchArms arms = co_await search_arms(request.query);
  std::function<Context(ReadTransaction&)> make = [arms, request = std::move(request), options = options_,
                                                   at = now()](ReadTransaction& tx) {
    const auto steps = steps_of(tx, options.ns, options.agent_id, at, options.working_capacity);
    Query query(request.query);
    query.with_limit(candidates_for(request));
    const AllHits hits = search_each(tx, arms, query, options, at);
    return memory::enriched_context(memory::working_context(steps, request.detailed_steps), hits,
                                    request.token_budget, limit_of(request), tokenise);
  };
  Context context = co_await read_value(*engine_, std::move(make));
  co_return context;
}

}  // namespace comem
