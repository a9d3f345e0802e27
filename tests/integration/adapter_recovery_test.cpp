// A host whose database is damaged begins anew and has everything that was shared back from Redis.

#include <comem/comem.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "tests/contract/adapter_worlds.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

constexpr std::size_t memories = 400;

struct Hosts {
  Options host(const std::string& name) {
    Options options;
    options.backend = Backend::redis;
    options.redis_url = server.url();
    options.database = directory.file(name + ".db");
    options.agent_id = name;
    options.startup_wait = std::chrono::seconds(5);
    options.log = [this](LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex);
      log.append(line).append("\n");
    };
    return options;
  }

  TemporaryDirectory directory;
  RedisServer server;
  boost::asio::io_context loop;
  std::mutex mutex;
  std::string log;
};

awaitable<void> until_found(RedisMemoryAdapter& memory, std::string words, std::size_t n) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor);
  Query query(words);
  query.with_limit(n + 1);
  for (;;) {
    const auto hits = co_await memory.search(query);
    if (hits.size() == n) co_return;
    timer.expires_after(Milliseconds(5));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

awaitable<void> fill(RedisMemoryAdapter& memory, std::string words) {
  for (std::size_t i = 0; i < memories; ++i) {
    NewMemory next(words + " number " + std::to_string(i));
    co_await memory.remember(std::move(next));
  }
  const bool flushed = co_await memory.flush();
  CHECK(flushed);
}

/// A page in the middle of the file; answers the bytes that the file has then.
std::string damage(const std::string& path) {
  auto bytes = Directory::read_bytes(path);
  REQUIRE(bytes.size() > 20 * 4096);
  bytes.replace(bytes.size() / 2 / 4096 * 4096, 4096, std::string(4096, '\x5a'));
  Directory::write_bytes(path, bytes);
  return bytes;
}

std::vector<std::filesystem::path> set_aside_beside(const std::string& database) {
  std::vector<std::filesystem::path> found;
  const std::string beginning = std::filesystem::path(database).filename().string() + ".corrupt-";
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(database).parent_path()))
    if (entry.path().filename().string().rfind(beginning, 0) == 0) found.push_back(entry.path());
  return found;
}

awaitable<void> begin_anew(Hosts& hosts) {
  RedisMemoryAdapter a = co_await create_memory_adapter(hosts.host("a"));
  Options options = hosts.host("b");
  {
    RedisMemoryAdapter b = co_await create_memory_adapter(options);
    co_await fill(a, "apple");
    co_await fill(b, "banana");
    co_await until_found(b, "apple", memories);
    co_await b.close();
  }
  const std::string damaged = damage(options.database);
  bool refused = false;
  try {
    RedisMemoryAdapter b = co_await create_memory_adapter(options);
  } catch (const Error& error) {
    refused = error.code() == errc::corrupt;
  }
  CHECK(refused);
  CHECK(set_aside_beside(options.database).empty());

  options.set_aside_corrupt = true;
  const auto start = std::chrono::steady_clock::now();
  RedisMemoryAdapter b = co_await create_memory_adapter(options);
  co_await until_found(b, "apple", memories);
  co_await until_found(b, "banana", memories);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  const auto aside = set_aside_beside(options.database);
  REQUIRE(aside.size() == 1);
  CHECK((Directory::read_bytes(aside[0]) == damaged));
  {
    const std::lock_guard lock(hosts.mutex);
    CHECK_MESSAGE(hosts.log.find(aside[0].string()) != std::string::npos, hosts.log);
  }
  NewMemory more("cherry after all that");
  co_await b.remember(std::move(more));
  co_await until_found(a, "cherry", 1);
  co_await a.close();
  co_await b.close();
}

}  // namespace

TEST_CASE("a damaged database is set aside and everything shared is back within seconds") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  Hosts hosts;
  testing::run(hosts.loop, begin_anew(hosts), std::chrono::seconds(90));
}
