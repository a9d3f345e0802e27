// The workloads about stores as a whole: share, adapters and idle.

#include <comem/error.hpp>

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "benchmarks/preload.hpp"
#include "benchmarks/workloads.hpp"

namespace comem::bench {
namespace asio = boost::asio;
namespace {

constexpr Milliseconds patience = std::chrono::minutes(2);
/// So many words make a value of 1 KB, which is not compressed.
constexpr std::size_t share_words = 112;

awaitable<void> put_for_sharing(Options options, std::size_t count, std::uint64_t seed) {
  options.backend = Backend::sqlite;
  options.level = Level::local;
  Words words(seed);
  auto memory = co_await create_memory_adapter(std::move(options));
  for (std::size_t done = 0; done < count;) {
    std::vector<AnyMemory> batch;
    for (; done < count && batch.size() < 1000; ++done) {
      Episode said;
      said.content = words.text(share_words);
      batch.emplace_back(std::move(said));
    }
    co_await memory.put_many(std::move(batch));
  }
  co_await memory.close();
}

}  // namespace

awaitable<Measurement> run_share(RedisMemoryAdapter*, const Settings* settings) {
  if (settings->options.backend != Backend::redis) throw Error(errc::invalid_argument, "share needs --redis");
  Options options = settings->options;
  options.database += ".share";
  options.ns += "-share";
  options.compression_threshold = 64 * 1024;
  co_await put_for_sharing(options, settings->n, settings->seed);
  options.startup_wait = Milliseconds(0);
  Measurement measured;
  measured.start();
  auto memory = co_await create_memory_adapter(std::move(options));
  const bool shared = co_await memory.flush(patience);
  measured.stop();
  if (!shared) throw Error(errc::timed_out, "Redis did not take everything within two minutes");
  measured.add_all(settings->n);
  co_await memory.close(Milliseconds(0));
  co_return measured;
}

awaitable<Measurement> run_adapters(RedisMemoryAdapter*, const Settings* settings) {
  Measurement measured;
  std::vector<RedisMemoryAdapter> adapters;
  const double before = resident_mb();
  measured.start();
  for (std::size_t i = 0; i < settings->n; ++i) {
    Options options = settings->options;
    options.database += fmt::format(".{}", i);
    const auto begin = Steady::now();
    auto memory = co_await create_memory_adapter(std::move(options));
    measured.add(ms_between(begin, Steady::now()));
    adapters.push_back(std::move(memory));
  }
  measured.stop();
  measured.note("kb_each", (resident_mb() - before) * 1000 / static_cast<double>(settings->n));
  const double stores = resident_mb();
  std::vector<RedisMemoryAdapter> siblings;
  for (std::size_t i = 0; i < settings->n; ++i) {
    Options options = settings->options;
    options.agent_id = fmt::format("sibling-{}", i);
    auto memory = co_await adapters.front().sibling(std::move(options));
    siblings.push_back(std::move(memory));
  }
  measured.note("kb_each_sibling", (resident_mb() - stores) * 1000 / static_cast<double>(settings->n));
  for (auto& one : siblings) co_await one.close(Milliseconds(0));
  for (auto& one : adapters) co_await one.close(Milliseconds(0));
  co_return measured;
}

awaitable<Measurement> run_idle(RedisMemoryAdapter*, const Settings* settings) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  timer.expires_after(Milliseconds(settings->n));
  Measurement measured;
  measured.start();
  co_await timer.async_wait(asio::use_awaitable);
  measured.stop();
  measured.add_all(1);
  measured.note("busy_percent", measured.cpu_us() / 10 / static_cast<double>(settings->n));
  co_return measured;
}

}  // namespace comem::bench
