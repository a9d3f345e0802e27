#include "benchmarks/workloads.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <map>

#include "benchmarks/payload.hpp"

namespace comem::bench {
namespace asio = boost::asio;
namespace {

constexpr std::size_t in_flight = 50;
constexpr std::size_t get_many_size = 100;
constexpr std::size_t queries = 1000;
constexpr std::size_t preload_batch = 1000;

NewEpisode episode(Words& words) {
  NewEpisode made(words.text(prompt_words));
  made.content(words.text(content_words)).success(words.below(4) != 0);
  return made;
}

awaitable<std::vector<std::string>> preload(RedisMemoryAdapter* memory, std::size_t count, Words* words) {
  std::vector<std::string> ids;
  ids.reserve(count);
  while (ids.size() < count) {
    std::vector<AnyMemory> batch;
    for (std::size_t i = ids.size(); i < count && batch.size() < preload_batch; ++i)
      batch.emplace_back(episode(*words).memory());
    const auto results = co_await memory->put_many(std::move(batch));
    for (const auto& result : results) ids.push_back(result.id);
  }
  co_return ids;
}

awaitable<Measurement> save(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  Measurement measured;
  const auto start = Steady::now();
  for (std::size_t i = 0; i < settings->n; ++i) {
    NewEpisode next = episode(words);
    const auto begin = Steady::now();
    co_await memory->save_episode(std::move(next));
    measured.add(ms_between(begin, Steady::now()));
  }
  measured.took(ms_between(start, Steady::now()) / 1000);
  co_return measured;
}

/// What the workers of save50 share. All run on one thread.
struct Pool {
  Pool(RedisMemoryAdapter* adapter, const Settings* settings, asio::any_io_executor executor)
      : memory(adapter), words(settings->seed), left(settings->n), done(std::move(executor)) {
    done.expires_at(asio::steady_timer::time_point::max());
  }
  RedisMemoryAdapter* memory;
  Words words;
  std::size_t left;
  std::size_t working = 0;
  std::exception_ptr failure;
  Measurement measured;
  asio::steady_timer done;
};

awaitable<void> work(Pool* pool) {
  while (pool->left > 0 && !pool->failure) {
    --pool->left;
    NewEpisode next = episode(pool->words);
    const auto begin = Steady::now();
    co_await pool->memory->save_episode(std::move(next));
    pool->measured.add(ms_between(begin, Steady::now()));
  }
}

awaitable<Measurement> save50(RedisMemoryAdapter* memory, const Settings* settings) {
  const auto executor = co_await asio::this_coro::executor;
  Pool pool(memory, settings, executor);
  const auto start = Steady::now();
  pool.working = std::min(in_flight, settings->n);
  const auto ended = [&pool](const std::exception_ptr& failure) {
    if (failure) pool.failure = failure;
    if (--pool.working == 0) pool.done.cancel();
  };
  for (std::size_t i = pool.working; i > 0; --i) asio::co_spawn(executor, work(&pool), ended);
  while (pool.working > 0) {
    boost::system::error_code ignored;
    co_await pool.done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (pool.failure) std::rethrow_exception(pool.failure);
  pool.measured.took(ms_between(start, Steady::now()) / 1000);
  co_return std::move(pool.measured);
}

awaitable<Measurement> get(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  const auto skills = std::min<std::size_t>(settings->n, 1000);
  for (std::size_t i = 0; i < skills; ++i) {
    NewSkill skill(fmt::format("skill-{}", i));
    skill.description(words.text(content_words));
    co_await memory->save_skill(std::move(skill));
  }
  Measurement measured;
  const auto start = Steady::now();
  for (std::size_t i = 0; i < settings->n; ++i) {
    auto name = fmt::format("skill-{}", words.below(skills));
    const auto begin = Steady::now();
    const auto found = co_await memory->get_skill(std::move(name));
    measured.add(ms_between(begin, Steady::now()));
    if (!found) throw Error(errc::not_found, "a skill that was saved is gone");
  }
  measured.took(ms_between(start, Steady::now()) / 1000);
  co_return measured;
}

awaitable<Measurement> batch100(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  const auto ids = co_await preload(memory, 10'000, &words);
  Measurement measured;
  const auto start = Steady::now();
  for (std::size_t i = 0; i < settings->n; ++i) {
    std::vector<std::string> wanted;
    for (std::size_t k = 0; k < get_many_size; ++k) wanted.push_back(ids[words.below(ids.size())]);
    const auto begin = Steady::now();
    const auto found = co_await memory->get_many(std::move(wanted));
    measured.add(ms_between(begin, Steady::now()));
    for (const auto& one : found) {
      if (!one) throw Error(errc::not_found, "a memory that was saved is gone");
    }
  }
  measured.took(ms_between(start, Steady::now()) / 1000);
  co_return measured;
}

awaitable<Measurement> search(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  co_await preload(memory, settings->n, &words);
  Query first("warm up");  // the index is read in by the first search
  co_await memory->search(std::move(first));
  Measurement measured;
  const auto start = Steady::now();
  for (std::size_t i = 0; i < queries; ++i) {
    Query query(words.text(3));
    const auto begin = Steady::now();
    const auto hits = co_await memory->search(std::move(query));
    measured.add(ms_between(begin, Steady::now()));
  }
  measured.took(ms_between(start, Steady::now()) / 1000);
  co_return measured;
}

/// Every other memory stands already.
awaitable<Measurement> deduplicate(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  co_await preload(memory, settings->n, &words);
  Query first("warm up");
  co_await memory->search(std::move(first));
  Measurement measured;
  std::string text;
  const auto start = Steady::now();
  for (std::size_t i = 0; i < queries; ++i) {
    if (i % 2 == 0) text = words.text(content_words);
    NewMemory next(text);
    next.kind("note").deduplicate();
    const auto begin = Steady::now();
    const WriteResult result = co_await memory->remember(std::move(next));
    measured.add(ms_between(begin, Steady::now()));
    if (result.duplicate != (i % 2 == 1)) throw Error(errc::rejected, "a duplicate was taken for none");
  }
  measured.took(ms_between(start, Steady::now()) / 1000);
  co_return measured;
}

/// One dry run, then one that forgets: every third memory is said twice.
awaitable<Measurement> consolidate(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  std::string text;
  for (std::size_t done = 0; done < settings->n;) {
    std::vector<AnyMemory> batch;
    for (; done < settings->n && batch.size() < preload_batch; ++done) {
      if (done % 3 != 1) text = words.text(content_words);
      Episode said;
      said.content = text;
      batch.emplace_back(std::move(said));
    }
    co_await memory->put_many(std::move(batch));
  }
  Measurement measured;
  const auto start = Steady::now();
  for (const bool apply : {false, true}) {
    ConsolidateRequest request;
    request.apply(apply);
    const auto begin = Steady::now();
    const ConsolidateReport report = co_await memory->consolidate(request);
    measured.add(ms_between(begin, Steady::now()));
    if (report.actions.size() < settings->n / 3) throw Error(errc::rejected, "duplicates were not found");
  }
  measured.took(ms_between(start, Steady::now()) / 1000);
  co_return measured;
}

using Workload = awaitable<Measurement> (*)(RedisMemoryAdapter*, const Settings*);

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all{{"save", save},
                                                   {"save50", save50},
                                                   {"get", get},
                                                   {"batch100", batch100},
                                                   {"search", search},
                                                   {"visible", run_visible},
                                                   {"deduplicate", deduplicate},
                                                   {"consolidate", consolidate}};
  return all;
}

}  // namespace

const std::vector<std::string>& workload_names() {
  static const std::vector<std::string> names{"save",   "save50",  "get",         "batch100",
                                              "search", "visible", "deduplicate", "consolidate"};
  return names;
}

awaitable<Measurement> run_workload(RedisMemoryAdapter* memory, const Settings* settings) {
  const auto workload = workloads().at(settings->workload);
  auto measured = co_await workload(memory, settings);
  co_return measured;
}

}  // namespace comem::bench
