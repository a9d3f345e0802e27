#include "benchmarks/preload.hpp"

#include <algorithm>

namespace comem::bench {
namespace {

constexpr std::size_t preload_batch = 1000;
constexpr std::size_t most_different = 4096;

}  // namespace

NewEpisode make_episode(Words& words) {
  NewEpisode made(words.text(prompt_words));
  made.content(words.text(content_words)).success(words.below(4) != 0);
  return made;
}

std::vector<NewEpisode> make_episodes(Words& words, std::size_t count) {
  std::vector<NewEpisode> made;
  for (std::size_t i = 0; i < std::min(count, most_different); ++i) made.push_back(make_episode(words));
  return made;
}

awaitable<std::vector<std::string>> preload(RedisMemoryAdapter* memory, std::size_t count, Words* words) {
  std::vector<std::string> ids;
  ids.reserve(count);
  while (ids.size() < count) {
    std::vector<AnyMemory> batch;
    for (std::size_t i = ids.size(); i < count && batch.size() < preload_batch; ++i)
      batch.emplace_back(make_episode(*words).memory());
    const auto results = co_await memory->put_many(std::move(batch));
    for (const auto& result : results) ids.push_back(result.id);
  }
  co_return ids;
}

}  // namespace comem::bench
