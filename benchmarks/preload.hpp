#pragma once
// What a workload finds in the store, and what it puts there.

#include <comem/adapter.hpp>

#include <string>
#include <vector>

#include "benchmarks/payload.hpp"

namespace comem::bench {

NewEpisode make_episode(Words& words);

/// Ready to be saved, so that no clock measures how they are made; at most 4,096 different ones.
std::vector<NewEpisode> make_episodes(Words& words, std::size_t count);

/// Puts `count` episodes into the store, many in a transaction; answers their ids.
awaitable<std::vector<std::string>> preload(RedisMemoryAdapter* memory, std::size_t count, Words* words);

}  // namespace comem::bench
