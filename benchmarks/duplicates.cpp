// The workloads about what is said twice: deduplicate and consolidate.

#include <comem/error.hpp>

#include <algorithm>

#include "benchmarks/preload.hpp"
#include "benchmarks/workloads.hpp"

namespace comem::bench {
namespace {

constexpr std::size_t attempts = 1000;
constexpr std::size_t put_batch = 1000;

awaitable<void> put_with_duplicates(RedisMemoryAdapter* memory, std::size_t count, Words* words) {
  std::string text;
  for (std::size_t done = 0; done < count;) {
    std::vector<AnyMemory> batch;
    for (; done < count && batch.size() < put_batch; ++done) {
      if (done % 3 != 1) text = words->text(content_words);
      Episode said;
      said.content = text;
      batch.emplace_back(std::move(said));
    }
    co_await memory->put_many(std::move(batch));
  }
}

}  // namespace

awaitable<Measurement> run_deduplicate(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  co_await preload(memory, settings->n, &words);
  Query first("warm up");
  co_await memory->search(std::move(first));
  Measurement measured;
  std::string text;
  measured.start();
  for (std::size_t i = 0; i < attempts; ++i) {
    if (i % 2 == 0) text = words.text(content_words);
    NewMemory next(text);
    next.kind("note").deduplicate();
    const auto begin = Steady::now();
    const WriteResult result = co_await memory->remember(std::move(next));
    measured.add(ms_between(begin, Steady::now()));
    if (result.duplicate != (i % 2 == 1)) throw Error(errc::rejected, "a duplicate was taken for none");
  }
  measured.stop();
  co_return measured;
}

awaitable<Measurement> run_consolidate(RedisMemoryAdapter* memory, const Settings* settings) {
  Words words(settings->seed);
  co_await put_with_duplicates(memory, settings->n, &words);
  Measurement measured;
  measured.start();
  for (const bool apply : {false, true}) {
    ConsolidateRequest request;
    request.apply(apply);
    const auto begin = Steady::now();
    const ConsolidateReport report = co_await memory->consolidate(request);
    measured.add(ms_between(begin, Steady::now()));
    if (report.actions.size() < settings->n / 3) throw Error(errc::rejected, "duplicates were not found");
  }
  measured.stop();
  co_return measured;
}

}  // namespace comem::bench
