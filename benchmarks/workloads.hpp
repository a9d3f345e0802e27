#pragma once
// The workloads of comem-bench. Each prepares what it needs, then measures operations one by one.

#include <comem/adapter.hpp>

#include <string>
#include <vector>

#include "benchmarks/measurement.hpp"

namespace comem::bench {

struct Settings {
  std::string workload;
  std::size_t n = 1000;     ///< operations; of some workloads the size
  std::size_t callers = 1;  ///< operations under way at a time, where the workload can
  std::size_t preload = 0;  ///< episodes in the store before it begins
  std::uint64_t seed = 1;
  Options options;
};

/// Their names, for the command line.
const std::vector<std::string>& workload_names();

awaitable<Measurement> run_workload(RedisMemoryAdapter* memory, const Settings* settings);

// Each in a file of its own with what it needs.

/// `n` names, ids or queries, asked for by `callers` at a time.
awaitable<Measurement> run_get(RedisMemoryAdapter* memory, const Settings* settings);
awaitable<Measurement> run_get_many(RedisMemoryAdapter* memory, const Settings* settings);
/// 1,000 queries over `n` episodes.
awaitable<Measurement> run_search(RedisMemoryAdapter* memory, const Settings* settings);

/// Half of `n` memories stand already. `n` episodes of which a third are duplicates.
awaitable<Measurement> run_deduplicate(RedisMemoryAdapter* memory, const Settings* settings);
awaitable<Measurement> run_consolidate(RedisMemoryAdapter* memory, const Settings* settings);

/// From opening a store of `n` records that nobody else has until Redis holds all of them.
awaitable<Measurement> run_share(RedisMemoryAdapter* memory, const Settings* settings);

/// What adapters cost that stand beside each other, and what one costs that is asked for nothing during `n`
/// ms.
awaitable<Measurement> run_adapters(RedisMemoryAdapter* memory, const Settings* settings);
awaitable<Measurement> run_idle(RedisMemoryAdapter* memory, const Settings* settings);

/// From the start of a save here until a search in another process finds it, `n` times.
awaitable<Measurement> run_visible(RedisMemoryAdapter* memory, const Settings* settings);
/// From the start of a save here until a subscription in another process has told of it, `n` times.
awaitable<Measurement> run_told(RedisMemoryAdapter* memory, const Settings* settings);
/// From the handing of a record to the link to Redis until a subscription in another process has told of it.
awaitable<Measurement> run_heard(RedisMemoryAdapter* memory, const Settings* settings);

/// The other process of these three: answers each word on its input with the steady clock's nanoseconds,
/// which all processes of a host share, once a search has found it; or each change without being asked.
awaitable<int> watch_for_words(Options options);
awaitable<int> watch_for_changes(Options options);

}  // namespace comem::bench
