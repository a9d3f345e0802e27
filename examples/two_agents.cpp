// Two agents share what they learn: one saves, the other is told and finds it.
// With REDIS_URL set each has a database of its own and they meet in Redis, as two hosts would; without it
// both use one file. Usage: two_agents DIRECTORY

#include <comem/comem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace std::chrono_literals;

namespace {

comem::Options options_of(const std::string& agent, const std::string& directory) {
  comem::Options options;
  options.agent_id = agent;
  options.ns = "two-agents";
  const char* redis = std::getenv("REDIS_URL");
  if (redis != nullptr) {
    options.backend = comem::Backend::redis;
    options.redis_url = redis;
    options.startup_wait = 2s;
    options.level = comem::Level::shared;  // answered once Redis has it, or as pending after share_deadline
  }
  options.database = directory + (redis != nullptr ? "/" + agent + ".db" : "/shared.db");
  return options;
}

comem::awaitable<void> sleep_for(comem::Milliseconds duration) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

/// The next change, or nothing within five seconds.
comem::awaitable<std::optional<comem::Change>> next_change(comem::Subscription& changes) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto first = co_await (changes.next() || sleep_for(5s));
  if (first.index() == 1) {
    co_return std::nullopt;
  }
  co_return std::get<0>(std::move(first));
}

comem::awaitable<int> meet(comem::RedisMemoryAdapter& scout, comem::RedisMemoryAdapter& builder) {
  const std::vector types{comem::MemoryType::episodic};
  auto changes = co_await builder.subscribe(types);

  const auto saved = co_await scout.save_episode(
      comem::NewEpisode("measure the new storage nodes").outcome("writes above 64 KiB stall for seconds"));
  std::cout << "scout saved " << saved.id
            << (saved.outcome == comem::Outcome::ok ? "" : " (to be shared later)") << '\n';

  const auto change = co_await next_change(changes);
  if (!change) {
    std::cout << "builder heard nothing\n";
    co_return EXIT_FAILURE;
  }
  std::cout << "builder hears of " << change->id << " from " << change->agent << '\n';

  const auto hits =
      co_await builder.search_episodes(comem::Query("which writes stall on the storage nodes?"));
  if (hits.empty() || hits.front().memory.id != saved.id) {
    std::cout << "builder found nothing\n";
    co_return EXIT_FAILURE;
  }
  std::cout << "builder finds: " << hits.front().memory.outcome << '\n';
  co_return EXIT_SUCCESS;
}

comem::awaitable<int> both(std::string directory) {
  auto scout = co_await comem::create_memory_adapter(options_of("scout", directory));
  auto builder = co_await comem::create_memory_adapter(options_of("builder", directory));
  const int result = co_await meet(scout, builder);
  co_await scout.close();
  co_await builder.close();
  co_return result;
}

}  // namespace

int main(int argc, char** argv) {
  boost::asio::io_context context;
  int result = EXIT_FAILURE;
  boost::asio::co_spawn(context, both(argc > 1 ? argv[1] : "."),
                        [&result](std::exception_ptr error, int value) {
                          if (error) {
                            std::rethrow_exception(error);  // leaves context.run()
                          }
                          result = value;
                        });
  try {
    context.run();
  } catch (const std::exception& error) {
    std::cerr << "two_agents: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return result;
}
