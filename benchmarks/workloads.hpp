#pragma once
// The workloads of comem-bench. Each prepares what it needs, then measures operations one by one.

#include <comem/adapter.hpp>

#include <string>
#include <vector>

#include "benchmarks/measurement.hpp"

namespace comem::bench {

struct Settings {
  std::string workload;
  std::size_t n = 1000;
  std::uint64_t seed = 1;
  Options options;
};

/// Their names, for the command line.
const std::vector<std::string>& workload_names();

/// `n` is the number of operations; for `search` the number of episodes, over which 1,000 queries are asked.
awaitable<Measurement> run_workload(RedisMemoryAdapter* memory, const Settings* settings);

/// From the start of a save here until a search in another process finds it, `n` times.
awaitable<Measurement> run_visible(RedisMemoryAdapter* memory, const Settings* settings);

/// The other process of `visible`: for each word on its input answers "ready", searches until the word is
/// found, and answers with the steady clock's nanoseconds, which all processes of a host share.
awaitable<int> watch_for_words(Options options);

}  // namespace comem::bench
