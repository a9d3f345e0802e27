// Two processes on one file have the same memories embedded once, and neither depends on the other's life.
// Each process is a filler with a store of its own.

#include <comem/any_memory.hpp>
#include <comem/embedding.hpp>
#include <comem/options.hpp>

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "core/task_scope.hpp"
#include "memory/codec.hpp"
#include "storage/vector_filler.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

namespace comem::testing {
namespace {

namespace asio = boost::asio;

/// Answers once its gate is open; the outcome is the test's to choose.
class GatedProvider final : public EmbeddingProvider {
 public:
  explicit GatedProvider(const asio::any_io_executor& executor) : asked(executor), opened(executor) {}

  std::string model() const override { return "gated"; }
  std::string endpoint() const override { return "nowhere"; }
  asio::awaitable<EmbeddingReply> embed(EmbeddingRequest request) override {
    texts += request.texts.size();
    asked.notify();
    while (!open) co_await opened.wait();
    EmbeddingReply reply;
    reply.outcome = outcome;
    reply.retry_after = retry_after;
    reply.vectors.assign(request.texts.size(), {1.0f, 0.0f});
    co_return reply;
  }
  void set_open() {
    open = true;
    opened.notify();
  }

  Signal asked;
  Signal opened;
  std::size_t texts = 0;
  bool open = false;
  EmbeddingOutcome outcome = EmbeddingOutcome::ok;
  Milliseconds retry_after{0};
};

struct Process {
  Process(asio::io_context& loop, const Directory& directory, const Options& options)
      : store(open_file(directory.file())),
        provider(loop.get_executor()),
        filler(loop.get_executor(), provider, options, *store, [](auto, const auto&, auto) {}),
        scope(loop.get_executor(), [](const std::string& why) { FAIL_CHECK(why); }) {
    filler.add("n");
  }
  void start() { scope.spawn(filler.run()); }

  std::unique_ptr<storage::Store> store;
  GatedProvider provider;
  storage::VectorFiller filler;
  TaskScope scope;
};

/// Two processes, and three memories of which two say the same.
struct Two {
  Two() {
    options.clock = clock.get();
    first = std::make_unique<Process>(loop, directory, options);
    second = std::make_unique<Process>(loop, directory, options);
    for (const auto* text : {"tea", "rye", "tea"}) add(text);
  }

  void add(const std::string& text) {
    Knowledge fact;
    fact.id = make_random_id();
    fact.content = text;
    put(*first->store, memory::to_record("n", AnyMemory(fact), "ada", clock->now(), 0));
    ++added;
  }

  asio::awaitable<void> end() {
    for (auto* process : {first.get(), second.get()}) {
      process->provider.set_open();
      process->scope.cancel();
      co_await process->scope.join();
    }
  }

  void run(asio::awaitable<void> test) { testing::run(loop, std::move(test)); }

  Directory directory;
  std::shared_ptr<FakeWallClock> clock = std::make_shared<FakeWallClock>();
  Options options;
  asio::io_context loop;
  std::unique_ptr<Process> first, second;
  int added = 0;
};

asio::awaitable<void> look_again(Process& process) {
  process.filler.notify();
  co_await process.filler.rested().wait();
}

/// The first is asking for vectors when the second has looked.
asio::awaitable<void> first_then_second(Two& two) {
  two.first->start();
  while (two.first->provider.texts == 0) co_await two.first->provider.asked.wait();
  two.second->start();
  co_await two.second->filler.rested().wait();
  CHECK(two.second->provider.texts == 0);
  const bool done = co_await two.second->filler.complete("n");
  CHECK_FALSE(done);
}

asio::awaitable<void> embedded_once(Two& two) {
  co_await first_then_second(two);
  two.first->provider.set_open();
  co_await two.first->filler.rested().wait();
  co_await look_again(*two.second);
  CHECK(two.first->provider.texts == 2);
  CHECK(two.second->provider.texts == 0);
  const bool done = co_await two.second->filler.complete("n");
  CHECK(done);
  co_await two.end();
}

TEST_CASE("two processes on one file used to have the same texts embedded twice") {
  Two two;
  two.run(embedded_once(two));
}

asio::awaitable<void> taken_over(Two& two) {
  co_await first_then_second(two);
  two.second->provider.set_open();
  two.clock->advance(two.options.embedding_timeout);
  co_await look_again(*two.second);
  CHECK(two.second->provider.texts == 0);
  two.clock->advance(Milliseconds(60'000));
  co_await look_again(*two.second);
  CHECK(two.second->provider.texts == 2);
  const bool done = co_await two.second->filler.complete("n");
  CHECK(done);
  co_await two.end();
}

TEST_CASE("what a process was embedding when it died is embedded by another") {
  Two two;
  two.run(taken_over(two));
}

asio::awaitable<void> left_on_failure(Two& two) {
  co_await first_then_second(two);
  two.first->provider.outcome = EmbeddingOutcome::unavailable;
  two.first->provider.set_open();
  co_await two.first->filler.rested().wait();
  two.second->provider.set_open();
  co_await look_again(*two.second);
  CHECK(two.second->provider.texts == 2);
  co_await two.end();
}

TEST_CASE("a process whose provider fails leaves the embedding to one whose provider works") {
  Two two;
  two.run(left_on_failure(two));
}

/// The steady clock, some time from now.
struct LaterClock final : Clock {
  TimePoint now() const override { return TimePoint(Milliseconds(1'800'000'000'000)); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now() + later; }
  Milliseconds later{0};
};

asio::awaitable<void> left_alone(Process& process, LaterClock& clock) {
  GatedProvider& provider = process.provider;
  provider.outcome = EmbeddingOutcome::unavailable;
  provider.retry_after = std::chrono::minutes(5);
  provider.set_open();
  process.start();
  co_await process.filler.rested().wait();
  CHECK(provider.texts == 1);
  provider.outcome = EmbeddingOutcome::ok;
  clock.later = std::chrono::minutes(4);
  co_await look_again(process);
  CHECK(provider.texts == 1);
  clock.later = std::chrono::minutes(6);
  co_await look_again(process);
  CHECK(provider.texts == 2);
  process.scope.cancel();
  co_await process.scope.join();
}

TEST_CASE("a provider that asked for minutes used to be asked again after seconds") {
  const Directory directory;
  asio::io_context loop;
  LaterClock clock;
  Options options;
  options.clock = &clock;
  Process process(loop, directory, options);
  Knowledge fact;
  fact.id = make_random_id();
  fact.content = "tea";
  put(*process.store, memory::to_record("n", AnyMemory(fact), "ada", clock.now(), 0));
  testing::run(loop, left_alone(process, clock));
}

asio::awaitable<void> left_at_the_end(Two& two) {
  co_await first_then_second(two);
  two.first->scope.cancel();
  co_await two.first->scope.join();
  co_await two.first->filler.release();
  two.second->provider.set_open();
  co_await look_again(*two.second);
  CHECK(two.second->provider.texts == 2);
  co_await two.end();
}

TEST_CASE("a process that ends leaves the embedding to others at once") {
  Two two;
  two.run(left_at_the_end(two));
}

asio::awaitable<void> left_after_a_full_page(Two& two) {
  while (two.added < 64) two.add("tea");  // a page is full, and nothing comes behind it
  two.first->provider.set_open();
  two.first->start();
  co_await two.first->filler.rested().wait();
  CHECK(two.first->provider.texts == 2);
  two.first->scope.cancel();
  co_await two.first->scope.join();
  two.second->provider.set_open();
  two.second->start();
  co_await two.second->filler.rested().wait();
  two.add("cake");
  co_await look_again(*two.second);
  CHECK(two.second->provider.texts == 1);
  co_await two.end();
}

TEST_CASE("a claim used to outlive its work where the last page was full") {
  Two two;
  two.run(left_after_a_full_page(two));
}

}  // namespace
}  // namespace comem::testing
