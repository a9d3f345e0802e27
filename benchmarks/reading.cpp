// The workloads that read: get, batch100 and search.

#include <comem/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "benchmarks/callers.hpp"
#include "benchmarks/preload.hpp"
#include "benchmarks/workloads.hpp"

namespace comem::bench {
namespace {

constexpr std::size_t most_skills = 1000;
constexpr std::size_t get_many_size = 100;
constexpr std::size_t get_many_preload = 10'000;
constexpr std::size_t queries = 1000;

awaitable<void> get_one(RedisMemoryAdapter* memory, std::string name) {
  const auto found = co_await memory->get_skill(std::move(name));
  if (!found) throw Error(errc::not_found, "a skill that was saved is gone");
}

awaitable<void> get_batch(RedisMemoryAdapter* memory, std::vector<std::string> ids) {
  const auto found = co_await memory->get_many(std::move(ids));
  for (const auto& one : found)
    if (!one) throw Error(errc::not_found, "a memory that was saved is gone");
}

awaitable<void> search_one(RedisMemoryAdapter* memory, std::string text) {
  Query query(std::move(text));
  co_await memory->search(std::move(query));
}

using Texts = std::shared_ptr<std::vector<std::string>>;

}  // namespace

awaitable<Measurement> run_get(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  co_await preload(memory, settings->preload, &words);
  const auto skills = std::min<std::size_t>(settings->n, most_skills);
  for (std::size_t i = 0; i < skills; ++i) {
    NewSkill skill(fmt::format("skill-{}", i));
    skill.description(words.text(content_words));
    co_await memory->save_skill(std::move(skill));
  }
  const Texts names = std::make_shared<std::vector<std::string>>();
  for (std::size_t i = 0; i < settings->n; ++i)
    names->push_back(fmt::format("skill-{}", words.below(skills)));
  Operation get = [memory, names](std::size_t i) { return get_one(memory, std::move((*names)[i])); };
  auto measured = co_await measure_each(settings->n, settings->callers, std::move(get));
  co_return measured;
}

awaitable<Measurement> run_get_many(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  const auto size = settings->preload > 0 ? settings->preload : get_many_preload;
  const auto ids = co_await preload(memory, size, &words);
  const auto batches = std::make_shared<std::vector<std::vector<std::string>>>(settings->n);
  for (auto& batch : *batches)
    for (std::size_t k = 0; k < get_many_size; ++k) batch.push_back(ids[words.below(ids.size())]);
  Operation get = [memory, batches](std::size_t i) { return get_batch(memory, std::move((*batches)[i])); };
  auto measured = co_await measure_each(settings->n, settings->callers, std::move(get));
  co_return measured;
}

awaitable<Measurement> run_search(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  co_await preload(memory, settings->n, &words);
  co_await search_one(memory, "warm up");  // the index is read in by the first search
  const Texts texts = std::make_shared<std::vector<std::string>>();
  for (std::size_t i = 0; i < queries; ++i) texts->push_back(words.text(3));
  Operation search = [memory, texts](std::size_t i) { return search_one(memory, std::move((*texts)[i])); };
  auto measured = co_await measure_each(queries, settings->callers, std::move(search));
  co_return measured;
}

}  // namespace comem::bench
