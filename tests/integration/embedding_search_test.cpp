// Search by words and vectors over a real service: what an agent sees of it when it works, and when it does
// not.

#include <comem/comem.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tests/contract/adapter_worlds.hpp"
#include "tests/integration/sqlite_raw.hpp"
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
  co_await remember(memory, "the surgeon called this morning");
  co_await remember(memory, "spaghetti for dinner tonight");
  const bool complete = co_await memory.wait_for_vectors();
  CHECK(complete);
  CHECK(bench.server.texts() == 2);
  Hits hits = co_await find(memory, "physician");
  REQUIRE(hits.size() == 1);
  CHECK(texts(hits) == "the surgeon called this morning");
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

awaitable<void> embeds_equal_texts_once(Bench& bench, RedisMemoryAdapter& memory) {
  std::vector<NewMemory> equal;
  for (int i = 0; i < 5; ++i) equal.emplace_back("the same words");
  co_await memory.remember_many(std::move(equal));
  co_await memory.wait_for_vectors();
  co_await remember(memory, "the same words");
  co_await memory.wait_for_vectors();
  CHECK(bench.server.texts() == 1);
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.held == 6);
}

TEST_CASE("equal texts are embedded once") {
  Bench bench;
  with(bench, embeds_equal_texts_once);
}

awaitable<void> nothing(Bench&, RedisMemoryAdapter&) {
  co_return;
}

awaitable<void> finds_car(Bench&, RedisMemoryAdapter& memory) {
  const bool complete = co_await memory.wait_for_vectors();
  CHECK(complete);
  const Hits hits = co_await find(memory, "car");
  const Stats stats = co_await memory.stats();
  CAPTURE(stats.embedding.held);
  CAPTURE(stats.embedding.missing);
  CAPTURE(stats.embedding.queries);
  CAPTURE(stats.embedding.queries_without);
  CAPTURE(stats.embedding.last_error);
  CHECK(texts(hits) == "a lorry");
}

awaitable<void> remembers_lorry(Bench&, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  const bool complete = co_await memory.wait_for_vectors();
  CHECK(complete);
}

/// Waits for the refusal: a request that is on its way when the adapter goes may be counted later.
awaitable<void> remembers_lorry_in_vain(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  const auto until = Clock::now() + std::chrono::seconds(20);
  while (bench.server.requests() == 0 && Clock::now() < until) co_await memory.stats();
  CHECK(bench.server.requests() > 0);
}

TEST_CASE("what could not be embedded before the end is embedded after the next start; vectors are kept") {
  Bench bench;
  bench.server.behave(Fault::status);
  with(bench, remembers_lorry_in_vain);
  CHECK(bench.server.texts() == 0);
  bench.server.behave(Fault::none);
  with(bench, finds_car);
  CHECK(bench.server.texts() == 2);  // the memory and the query
  with(bench, finds_car);
  CHECK(bench.server.texts() == 3);  // only the query
}

/// What diagnose() says about vectors; empty where it says nothing.
awaitable<Finding> diagnosed(RedisMemoryAdapter& memory) {
  const std::vector<Finding> findings = co_await memory.diagnose();
  Finding found;
  for (const auto& finding : findings)
    if (finding.subject == "vectors") found = finding;
  co_return found;
}

awaitable<void> reports_damage(Bench&, RedisMemoryAdapter& memory) {
  const Finding found = co_await diagnosed(memory);
  CHECK(found.severity == Finding::Severity::warning);
  CHECK(found.text == "1 of 1 damaged");
  CHECK(found.remedy.find("embedding on") != std::string::npos);
}

awaitable<void> reports_no_vectors(Bench&, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  const Finding found = co_await diagnosed(memory);
  CHECK(found.subject.empty());
}

awaitable<void> mends(Bench& bench, RedisMemoryAdapter& memory) {
  Hits hits;
  const auto until = Clock::now() + std::chrono::seconds(20);
  while (hits.empty() && Clock::now() < until) {
    hits = co_await find(memory, "car");
    co_await memory.wait_for_vectors();
  }
  CHECK(texts(hits) == "a lorry");
  CHECK(bench.server.texts() == 4);  // memory and query, twice
}

awaitable<void> reports_none_damaged(Bench&, RedisMemoryAdapter& memory) {
  const Finding found = co_await diagnosed(memory);
  CHECK(found.severity == Finding::Severity::ok);
  CHECK(found.text == "all 1 can be read");
}

constexpr auto damage = "UPDATE vectors SET numbers = zeroblob(length(numbers))";

TEST_CASE("a damaged vector used to stay damaged: it is made anew") {
  Bench bench;
  with(bench, remembers_lorry);
  with(bench, finds_car);
  execute(bench.options.database, damage);
  with(bench, mends);
}

TEST_CASE("damaged vectors used to go unreported: diagnose() counts them") {
  Bench bench;
  with(bench, remembers_lorry);
  with(bench, finds_car);
  with(bench, reports_none_damaged);
  execute(bench.options.database, damage);
  bench.options.embedding = EmbeddingApi::off;
  with(bench, reports_damage);
}

TEST_CASE("where nothing was ever embedded diagnose() says nothing of vectors") {
  Bench bench;
  bench.options.embedding = EmbeddingApi::off;
  with(bench, reports_no_vectors);
}

awaitable<void> forgets(Bench& bench, RedisMemoryAdapter& memory) {
  NewMemory one("a lorry");
  const WriteResult kept = co_await memory.remember(std::move(one));
  co_await memory.wait_for_vectors();
  co_await memory.forget(kept.id);
  const Hits hits = co_await find(memory, "car");
  CHECK(hits.empty());
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.held == 0);
  CHECK(bench.server.texts() == 2);
}

TEST_CASE("what is forgotten is not found by its vector") {
  Bench bench;
  with(bench, forgets);
}

awaitable<void> filters(Bench&, RedisMemoryAdapter& memory) {
  NewMemory one("a lorry");
  one.tags({"red"});
  co_await memory.remember(std::move(one));
  co_await remember(memory, "this vehicle");
  co_await memory.wait_for_vectors();
  Query query("car");
  std::vector<std::string> red{"red"};
  query.with_any_tag(std::move(red));
  const Hits hits = co_await memory.search(std::move(query));
  CHECK(texts(hits) == "a lorry");
}

TEST_CASE("filters hold for what vectors find") {
  Bench bench;
  with(bench, filters);
}

TEST_CASE("vectors of another length are not mixed with the old ones, and all are made anew") {
  Bench bench;
  with(bench, remembers_lorry);
  with(bench, finds_car);
  bench.server.give([](const std::string& text) { return fixed_vector(text, 64); });
  Case meets_new_model = [](Bench& there, RedisMemoryAdapter& memory) -> awaitable<void> {
    co_await find(memory, "car");  // its vector tells that the model is another one now
    co_await remember(memory, "noodles");
    Hits hits;
    const auto until = Clock::now() + std::chrono::seconds(20);
    while (texts(hits) != "a lorry" && Clock::now() < until) {
      co_await memory.wait_for_vectors();
      hits = co_await find(memory, "car");
    }
    CHECK(texts(hits) == "a lorry");
    const Stats stats = co_await memory.stats();
    CHECK(stats.embedding.dimensions == 64);
    CHECK(stats.embedding.held == 2);
    static_cast<void>(there);
  };
  with(bench, meets_new_model);
}

/// Searches by a word that is there while the service misbehaves.
awaitable<void> words_go_on(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  for (int i = 0; i < 4; ++i) {
    const Hits hits = co_await find(memory, "lorry " + std::to_string(i));
    CHECK(texts(hits) == "a lorry");
  }
  const auto begun = Clock::now();
  for (int i = 0; i < 20; ++i) {
    const Hits hits = co_await find(memory, "lorry again " + std::to_string(i));
    CHECK(hits.size() == 1);
  }
  // The breaker is open by now: nobody waits any more.
  CHECK(Clock::now() - begun < bench.options.embedding_query_wait * 3);
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.missing == 1);
  CHECK(stats.embedding.queries == 0);
  CHECK_FALSE(stats.embedding.working);
  CHECK(stats.embedding.last_error.find(bench.options.embedding_url) == 0);
  CHECK(stats.embedding.last_error.find("secret") == std::string::npos);
}

TEST_CASE("a service that fails in any way costs little, and words find what they find") {
  for (const auto fault : {Fault::status, Fault::garbage, Fault::no_http, Fault::count, Fault::no_number,
                           Fault::nothing, Fault::huge, Fault::cut, Fault::closed, Fault::silent}) {
    CAPTURE(static_cast<int>(fault));
    Bench bench;
    bench.options.embedding_query_wait = Milliseconds(300);
    bench.options.embedding_timeout = Milliseconds(400);
    bench.options.embedding_api_key = "secret";
    bench.server.behave(fault);
    with(bench, words_go_on);
  }
}

awaitable<void> takes_the_answer(Bench&, RedisMemoryAdapter& memory) {
  for (const auto* text : {"a lorry", "noodles"}) {
    co_await remember(memory, text);
    const bool complete = co_await memory.wait_for_vectors(std::chrono::seconds(20));
    CHECK(complete);
  }
  const Hits hits = co_await find(memory, "car");
  CHECK(texts(hits) == "a lorry");
  CHECK(hits.at(0).why.arm == "vectors");
}

TEST_CASE("an answer may come in chunks, or end with its connection") {
  for (const auto how : {Fault::chunked, Fault::until_end}) {
    CAPTURE(static_cast<int>(how));
    Bench bench;
    bench.server.behave(how);
    with(bench, takes_the_answer);
  }
}

awaitable<void> goes_on_with_one_text(Bench& bench, RedisMemoryAdapter& memory) {
  std::vector<NewMemory> several;
  for (const auto* text : {"a lorry", "noodles"}) several.emplace_back(text);
  co_await memory.remember_many(std::move(several));
  const bool early = co_await memory.wait_for_vectors(Milliseconds(200));
  CHECK_FALSE(early);
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.held == 0);
  bench.server.behave(Fault::none);
  const bool complete = co_await memory.wait_for_vectors(std::chrono::seconds(20));
  CHECK(complete);
  const Hits hits = co_await find(memory, "car");
  CHECK(texts(hits) == "a lorry");
}

TEST_CASE("vectors of different lengths in one reply are none, and the next reply is taken") {
  Bench bench;
  bench.server.behave(Fault::lengths);
  with(bench, goes_on_with_one_text);
}

awaitable<void> says_that_dimensions_differ(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  const bool complete = co_await memory.wait_for_vectors(Milliseconds(300));
  CHECK_FALSE(complete);
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.held == 0);
  CHECK(stats.embedding.last_error.find("255 numbers, not the 256 asked for") != std::string::npos);
  const Hits hits = co_await find(memory, "lorry");
  CHECK(texts(hits) == "a lorry");
  static_cast<void>(bench);
}

TEST_CASE("a service that gives another length than asked for is not believed") {
  Bench bench;
  bench.options.embedding_dimensions = 256;
  bench.server.behave(Fault::shorter);
  with(bench, says_that_dimensions_differ);
}

awaitable<void> waits_no_longer_than_told(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  co_await memory.wait_for_vectors();
  Behaviour slow;
  slow.fault = Fault::slow;
  slow.delay = std::chrono::seconds(30);
  bench.server.behave(slow);
  const auto begun = Clock::now();
  const Hits hits = co_await find(memory, "lorry");
  CHECK(texts(hits) == "a lorry");
  CHECK(hits.at(0).why.arm == "words");
  CHECK(Clock::now() - begun < std::chrono::seconds(10));
}

TEST_CASE("a search waits no longer for a slow service than it was told to") {
  Bench bench;
  bench.options.embedding_query_wait = Milliseconds(100);
  with(bench, waits_no_longer_than_told);
}

TEST_CASE("a slow answer is used when there is time for it") {
  Bench bench;
  Behaviour slow;
  slow.fault = Fault::slow;
  slow.delay = Milliseconds(150);
  bench.server.behave(slow);
  with(bench, remembers_lorry_in_vain);
  with(bench, finds_car);
}

/// A certificate for localhost, signed by itself.
struct Certificate {
  explicit Certificate(const TemporaryDirectory& directory)
      : certificate(directory.file("certificate.pem")), key(directory.file("key.pem")) {
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost -keyout '" +
        key + "' -out '" + certificate + "' 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  std::string certificate, key;
};

awaitable<void> speaks_no_tls(Bench&, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  const bool complete = co_await memory.wait_for_vectors(Milliseconds(300));
  CHECK_FALSE(complete);
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.last_error.find("embedding_ca_file") != std::string::npos);
  const Hits hits = co_await find(memory, "lorry");
  CHECK(texts(hits) == "a lorry");
}

TEST_CASE("over TLS, whose certificate must be of a known authority") {
  Bench bench;
  const Certificate made(bench.directory);
  EmbeddingServer server([](const std::string& text) { return fixed_vector(text); }, made.certificate,
                         made.key);
  bench.options.embedding_url = server.url();
  with(bench, speaks_no_tls);
  CHECK(server.texts() == 0);
  bench.options.embedding_ca_file = made.certificate;
  with(bench, finds_car);
  CHECK(server.texts() == 2);
}

TEST_CASE("nobody at the address is no reason to wait") {
  Bench bench;
  {
    EmbeddingServer gone([](const std::string&) { return std::vector<float>(); });
    bench.options.embedding_url = gone.url();
  }
  bench.options.embedding_timeout = Milliseconds(400);
  with(bench, words_go_on);
}

awaitable<void> retries(Bench& bench, RedisMemoryAdapter& memory) {
  Behaviour busy;
  busy.fault = Fault::status;
  busy.status = 429;
  busy.retry_after = "0";
  busy.times = 2;
  bench.server.behave(busy);
  co_await remember(memory, "a lorry");
  const bool complete = co_await memory.wait_for_vectors(std::chrono::seconds(10));
  CHECK(complete);
  CHECK(bench.server.requests() == 3);
  CHECK(bench.server.connections() == 1);
}

TEST_CASE("a busy service is asked again, on the same connection") {
  Bench bench;
  with(bench, retries);
}

awaitable<void> isolates(Bench& bench, RedisMemoryAdapter& memory) {
  Behaviour strict;
  strict.refused_word = "poison";
  bench.server.behave(strict);
  std::vector<NewMemory> several;
  for (const auto* text : {"a lorry", "poison", "noodles"}) several.emplace_back(text);
  co_await memory.remember_many(std::move(several));
  const bool complete = co_await memory.wait_for_vectors(std::chrono::seconds(10));
  CHECK(complete);
  const Stats stats = co_await memory.stats();
  CHECK(stats.embedding.held == 2);
  CHECK(stats.embedding.missing == 1);
  CHECK(stats.embedding.refused == 1);
  const Hits hits = co_await find(memory, "poison");
  CHECK(hits.size() == 1);
}

TEST_CASE("a text that is refused does not stand in the way of others") {
  Bench bench;
  with(bench, isolates);
}

awaitable<void> asks_openai(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  co_await remember(memory, "noodles");
  co_await memory.wait_for_vectors();
  const Hits hits = co_await find(memory, "car");
  CHECK(texts(hits) == "a lorry");
  CHECK(bench.server.last_target() == "POST /v1/embeddings");
  CHECK(bench.server.last_authorization() == "Bearer key-of-mine");
  CHECK(bench.server.last_body().find("search: car") != std::string::npos);
}

TEST_CASE("the way of OpenAI, with a key and a prefix") {
  Bench bench;
  bench.options.embedding = EmbeddingApi::openai;
  bench.options.embedding_api_key = "key-of-mine";
  bench.options.embedding_query_prefix = "search: ";
  with(bench, asks_openai);
}

awaitable<void> asks_at_length(Bench& bench, RedisMemoryAdapter& memory) {
  co_await remember(memory, "a lorry");
  co_await memory.wait_for_vectors();
  std::string longest = "a";
  while (longest.size() < 17'000) longest += "\u00e9";  // two bytes, from an odd place on
  co_await find(memory, longest);
  CHECK(bench.server.seen().back() == longest.substr(0, 15'999));
}

TEST_CASE("a long query used to be cut within a character") {
  Bench bench;
  with(bench, asks_at_length);
}

TEST_CASE("closing does not wait for a service that is silent") {
  Bench bench;
  bench.server.behave(Fault::silent);
  const auto begun = Clock::now();
  with(bench, remembers_lorry_in_vain);
  CHECK(Clock::now() - begun < std::chrono::seconds(5));
  with(bench, nothing);
}

/// Vectors from within the process.
class OwnProvider final : public EmbeddingProvider {
 public:
  std::string model() const override { return "own"; }
  std::string endpoint() const override { return "within the test"; }
  awaitable<EmbeddingReply> embed(EmbeddingRequest request) override {
    EmbeddingReply reply;
    for (const auto& text : request.texts) reply.vectors.push_back(fixed_vector(text));
    co_return reply;
  }
};

TEST_CASE("a provider of the caller's own") {
  Bench bench;
  bench.options.embedding = EmbeddingApi::off;
  bench.options.embedding_provider = std::make_shared<OwnProvider>();
  with(bench, remembers_lorry);
  with(bench, finds_car);
  CHECK(bench.server.requests() == 0);
}

}  // namespace
}  // namespace comem::testing
