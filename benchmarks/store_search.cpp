#include "benchmarks/store_search.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

#include "benchmarks/made_memories.hpp"
#include "benchmarks/measurement.hpp"

namespace comem::bench {
namespace {

constexpr std::size_t import_batch = 1000;

awaitable<void> import_all(Options options, std::size_t memories, std::uint64_t seed) {
  auto memory = co_await create_memory_adapter(std::move(options));
  MadeMemories made(seed);
  for (std::size_t done = 0; done < memories;) {
    std::vector<AnyMemory> batch;
    for (; done < memories && batch.size() < import_batch; ++done) batch.emplace_back(made.next());
    co_await memory.put_many(std::move(batch));
  }
  co_await memory.close(Milliseconds(0));
}

awaitable<void> open_store(Options options, std::unique_ptr<RedisMemoryAdapter>* opened) {
  auto memory = co_await create_memory_adapter(std::move(options));
  *opened = std::make_unique<RedisMemoryAdapter>(std::move(memory));
}

awaitable<void> close_store(RedisMemoryAdapter* memory) {
  co_await memory->close(Milliseconds(0));
}

awaitable<void> ask(RedisMemoryAdapter* memory, std::string text, std::size_t* found) {
  Query query(std::move(text));
  const auto hits = co_await memory->search(std::move(query));
  *found = hits.size();
}

}  // namespace

template <class Task>
void StoreSearch::run(Task task) {
  bool done = false;
  std::exception_ptr failure;
  boost::asio::co_spawn(context_, std::move(task), [&](const std::exception_ptr& error) {
    failure = error;
    done = true;
  });
  context_.restart();
  while (!done) context_.run_one();
  if (failure) std::rethrow_exception(failure);
}

StoreSearch::StoreSearch(std::string database, std::size_t memories, std::uint64_t seed) {
  options_.database = std::move(database);
  options_.level = Level::local;
  options_.track_access = false;  // which would write now and then
  run(import_all(options_, memories, seed));
}

StoreSearch::~StoreSearch() {
  if (memory_) run(close_store(memory_.get()));
}

double StoreSearch::open(const std::string& query) {
  if (memory_) run(close_store(memory_.get()));
  memory_.reset();
  const auto begin = Steady::now();
  run(open_store(options_, &memory_));
  search(query);
  return ms_between(begin, Steady::now());
}

std::size_t StoreSearch::search(const std::string& query) {
  std::size_t found = 0;
  run(ask(memory_.get(), query, &found));
  return found;
}

}  // namespace comem::bench
