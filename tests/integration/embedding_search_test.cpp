// Search by words and vectors over a real service: what an agent sees of it when it works, and when it does
// not.

#include <comem/comem.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/contract/adapter_worlds.hpp"
#include "tests/support/embedding_server.hpp"
#include "tests/support/fixed_vectors.hpp"
#include "tests/support/run.hpp"

namespace comem::testing {
namespace {

using Clock = std::chrono::steady_clock;
using Hits = std::vector<Hit<AnyMemory>>;

struct Bench {
  Bench() : server([](const std::string& text) { return fixed_vector(text); }) {
    options.database = directory.file("memory.db");
    options.agent_id = "ada";
    options.embedding = EmbeddingApi::ollama;
    options.embedding_url = server.url();
    options.embedding_model = "fixed";
    options.embedding_query_wait = std::chrono::seconds(5);
    options.log = [](LogLevel, std::string_view) {};
  }
  EmbeddingServer server;
  TemporaryDirectory directory;
  Options options;
};

using Case = awaitable<void> (*)(Bench&, RedisMemoryAdapter&);

awaitable<void> open_and_run(Bench& bench, Case run_case) {
  RedisMemoryAdapter memory = co_await create_memory_adapter(bench.options);
  co_await run_case(bench, memory);
  co_await memory.close();
}

void with(Bench& bench, Case run_case) {
  boost::asio::io_context loop;
  run(loop, open_and_run(bench, run_case));
}

awaitable<void> remember(RedisMemoryAdapter& memory, std::string text) {
  NewMemory one(std::move(text));
  co_await memory.remember(std::move(one));
}

awaitable<Hits> find(RedisMemoryAdapter& memory, std::string words) {
  Query query(std::move(words));
  Hits hits = co_await memory.search(std::move(query));
  co_return hits;
}

std::string texts(const Hits& hits) {
  std::string all;
  for (const auto& hit : hits) all += (all.empty() ? "" : "|") + common(hit.memory).content;
  return all;
}

awaitable<void> finds_by_meaning(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "the automobile stands behind the house");
  co_await remember(memory, "spaghetti for dinner tonight");
  const bool complete = co_await memory.wait_for_vectors();
  CHECK(complete);
  CHECK(bench.server.texts() == 2);
  Hits hits = co_await find(memory, "car");
  REQUIRE(hits.size() == 1);
  CHECK(texts(hits) == "the automobile stands behind the house");
  CHECK(hits[0].why.arm == "vectors");
  CHECK(hits[0].why.words.empty());
  hits = co_await find(memory, "spaghetti");
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].why.arm == "words and vectors");
  CHECK(hits[0].why.words == std::vector<std::string>{"spaghetti"});
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.on);
  CHECK(stats.embedding.working);
  CHECK(stats.embedding.model == "ollama:fixed");
  CHECK(stats.embedding.endpoint == bench.server.url() + "/api/embed");
  CHECK(stats.embedding.dimensions == 256);
  CHECK(stats.embedding.held == 2);
  CHECK(stats.embedding.missing == 0);
  CHECK(stats.embedding.embedded == 2);
  CHECK(stats.embedding.queries == 2);
}

TEST_CASE("what has no word of the query is found by its meaning") {
  Bench bench;
  with(bench, finds_by_meaning);
}

}  // namespace
}  // namespace comem::testing
