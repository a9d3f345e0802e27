#include "tests/contract/adapter_worlds.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/fixed_vectors.hpp"
#include "tests/support/redis_server.hpp"

namespace comem::testing {

namespace {

/// Every world has a namespace of its own, since all share one server.
std::string fresh_namespace() {
  static std::atomic<int> count{0};
  return "world{" + std::to_string(count++) + "}:";
}

Options options_in(const std::string& database) {
  Options options;
  options.database = database;
  options.ns = fresh_namespace();
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

/// Vectors that are alike only for texts of equal words, so that the same memories are found as by words.
class OwnVectors final : public EmbeddingProvider {
 public:
  std::string model() const override { return "own"; }
  std::string endpoint() const override { return "within the test"; }
  awaitable<EmbeddingReply> embed(EmbeddingRequest request) override {
    EmbeddingReply reply;
    for (const auto& text : request.texts) reply.vectors.push_back(fixed_vector(text, 2048));
    co_return reply;
  }
};

std::unique_ptr<World> in_file() {
  auto world = std::make_unique<World>(options_in(""));
  world->options.database = world->directory.file("memory.db");
  return world;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "comem-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<World> SqliteFile::make() {
  return in_file();
}

std::unique_ptr<World> SqliteMemory::make() {
  return std::make_unique<World>(options_in(":memory:"));
}

std::unique_ptr<World> WithRedis::make() {
  auto world = in_file();
  world->options.backend = Backend::redis;
  world->options.redis_url = shared_redis();
  world->linked = true;
  world->options.startup_wait = std::chrono::seconds(5);
  return world->options.redis_url.empty() ? nullptr : std::move(world);
}

std::unique_ptr<World> RedisAway::make() {
  auto world = in_file();
  world->options.backend = Backend::redis;
  world->options.redis_url = "redis://127.0.0.1:" + std::to_string(free_port());
  world->options.share_deadline = Milliseconds(20);
  return world;
}

std::unique_ptr<World> WithVectors::make() {
  auto world = in_file();
  world->options.embedding_provider = std::make_shared<OwnVectors>();
  world->options.embedding_query_wait = std::chrono::seconds(5);
  return world;
}

std::string shared_redis() {
  if (!RedisServer::installed(ServerKind::redis)) return "";
  static RedisServer server;
  return server.url();
}

}  // namespace comem::testing
