// comem runs on the executor of its caller: here many writers on a thread pool, and one reader on a strand of
// it. Usage: custom_executor [DATABASE]

#include <comem/comem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;

namespace {

constexpr int writers = 8;
constexpr int notes_each = 5;

/// Calls of one adapter may run at the same time on several threads; concurrent writes share their commits.
comem::awaitable<void> write_notes(comem::RedisMemoryAdapter& memory, int writer) {
  for (int n = 0; n < notes_each; ++n) {
    const auto text = "writer " + std::to_string(writer) + " inspected valve " + std::to_string(n);
    co_await memory.remember(comem::NewMemory(text).tag("inspection"));
  }
}

/// After every await a coroutine is back on its own executor, so what belongs to a strand needs no lock.
comem::awaitable<std::size_t> count_notes(comem::RedisMemoryAdapter& memory,
                                          asio::strand<asio::thread_pool::executor_type> strand,
                                          std::size_t& times_read) {
  auto query = comem::Query("inspected valve").with_any_tag({"inspection"}).with_limit(100);
  const auto hits = co_await memory.search(std::move(query));
  if (!strand.running_in_this_thread()) {
    throw std::logic_error("resumed on a foreign executor");
  }
  ++times_read;
  co_return hits.size();
}

comem::awaitable<void> open(std::optional<comem::RedisMemoryAdapter>& memory, std::string database) {
  comem::Options options;
  options.database = std::move(database);
  options.agent_id = "inspectors";
  memory = co_await comem::create_memory_adapter(options);
}

int run(const std::string& database) {
  asio::thread_pool pool(4);
  std::optional<comem::RedisMemoryAdapter> memory;
  asio::co_spawn(pool, open(memory, database), asio::use_future).get();

  std::vector<std::future<void>> written;
  for (int writer = 0; writer < writers; ++writer) {
    written.push_back(asio::co_spawn(pool, write_notes(*memory, writer), asio::use_future));
  }
  for (auto& future : written) {
    future.get();
  }

  const auto strand = asio::make_strand(pool.get_executor());
  std::size_t times_read = 0;
  const auto found = asio::co_spawn(strand, count_notes(*memory, strand, times_read), asio::use_future).get();
  std::cout << found << " notes by " << writers << " writers on 4 threads, read " << times_read
            << " time on a strand\n";

  asio::co_spawn(pool, memory->close(), asio::use_future).get();
  pool.join();
  return found == std::size_t{writers} * notes_each ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : ":memory:");
  } catch (const std::exception& error) {
    std::cerr << "custom_executor: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
