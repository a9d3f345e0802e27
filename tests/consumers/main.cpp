// What another project writes: saves an episode and finds it again.

#include <comem/comem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>

namespace {

comem::awaitable<bool> saves_and_finds() {
  comem::Options options;
  options.database = ":memory:";
  auto memory = co_await comem::create_memory_adapter(options);
  co_await memory.save_episode(
      comem::NewEpisode("deploy the billing service").outcome("rolled out in two waves"));
  const auto hits = co_await memory.search_episodes(comem::Query("how did the billing deployment go"));
  co_await memory.close();
  co_return hits.size() == 1 && hits.front().memory.outcome == "rolled out in two waves";
}

}  // namespace

int main() {
  boost::asio::io_context context;
  bool found = false;
  std::exception_ptr error;
  boost::asio::co_spawn(context, saves_and_finds(), [&](std::exception_ptr e, bool result) {
    error = e;
    found = result;
  });
  context.run();
  try {
    if (error) {
      std::rethrow_exception(error);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "consumer: %s\n", e.what());
    return 1;
  }
  std::puts(found ? "consumer: found" : "consumer: the episode was not found");
  return found ? 0 : 1;
}
