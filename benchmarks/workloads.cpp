#include "benchmarks/workloads.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "benchmarks/callers.hpp"
#include "benchmarks/preload.hpp"

namespace comem::bench {
namespace {

constexpr std::size_t in_flight = 50;

awaitable<void> save_one(RedisMemoryAdapter* memory, NewEpisode episode) {
  co_await memory->save_episode(std::move(episode));
}

awaitable<Measurement> save_with(RedisMemoryAdapter* memory, const Settings* settings, std::size_t callers) {
  Words words(settings->seed);
  co_await preload(memory, settings->preload, &words);
  const auto episodes = std::make_shared<const std::vector<NewEpisode>>(make_episodes(words, settings->n));
  Operation save = [memory, episodes](std::size_t i) {
    return save_one(memory, (*episodes)[i % episodes->size()]);
  };
  auto measured = co_await measure_each(settings->n, callers, std::move(save));
  co_return measured;
}

awaitable<Measurement> run_save(RedisMemoryAdapter* memory, const Settings* settings) {
  return save_with(memory, settings, settings->callers);
}

awaitable<Measurement> run_save50(RedisMemoryAdapter* memory, const Settings* settings) {
  return save_with(memory, settings, in_flight);
}

using Workload = awaitable<Measurement> (*)(RedisMemoryAdapter*, const Settings*);

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all{
      {"save", run_save},        {"save50", run_save50},
      {"get", run_get},          {"batch100", run_get_many},
      {"search", run_search},    {"visible", run_visible},
      {"told", run_told},        {"heard", run_heard},
      {"share", run_share},      {"deduplicate", run_deduplicate},
      {"idle", run_idle},        {"consolidate", run_consolidate},
      {"adapters", run_adapters}};
  return all;
}

}  // namespace

const std::vector<std::string>& workload_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, workload] : workloads()) all.push_back(name);
    return all;
  }();
  return names;
}

awaitable<Measurement> run_workload(RedisMemoryAdapter* memory, const Settings* settings) {
  const auto workload = workloads().at(settings->workload);
  auto measured = co_await workload(memory, settings);
  co_return measured;
}

}  // namespace comem::bench
