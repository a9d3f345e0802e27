// An agent's loop: recall what helps, act step by step, save the experience, learn a skill from it.
// Usage: agent_loop [DATABASE]; without one the memory ends with the program.

#include <comem/comem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

namespace {

/// A stand-in for a model and its tools: what this agent does about its task.
comem::awaitable<bool> work(comem::RedisMemoryAdapter& memory) {
  co_await memory.add_step(
      comem::NewStep("read_logs").observation("payment-api: connection pool exhausted at 14:02"));
  co_await memory.add_step(comem::NewStep("restart_service").observation("timed out").success(false));
  co_await memory.add_step(comem::NewStep("raise_pool_size")
                               .observation("pool 20 -> 50, error rate back to zero")
                               .reasoning("a restart would only have emptied the same small pool"));
  co_return true;
}

comem::awaitable<int> run_task(comem::RedisMemoryAdapter& memory, std::string task) {
  // 1. What do we know? This text goes into the model's prompt.
  const auto before =
      co_await memory.get_enriched_context(comem::ContextRequest(task).with_token_budget(800));
  std::cout << "-- known before: " << before.memory_ids.size() << " memories\n";

  // 2. Act. Every step is safe on disk before the next one begins, so a restarted agent goes on where it was.
  const bool success = co_await work(memory);
  const auto working = co_await memory.get_context(2);
  std::cout << "-- working memory:\n" << working << '\n';

  // 3. Keep the experience. Content, summary and tools are written from the steps.
  const auto saved = co_await memory.save_episode(
      comem::NewEpisode(task).outcome("payments work again").success(success).duration(90s).tag("payments"));

  // 4. Generalise it.
  // (A braced list stays outside of the co_await expression: g++ 12 cannot compile it there.)
  auto lesson = comem::NewKnowledge("An exhausted connection pool is mended by its size, not by a restart");
  lesson.confidence(0.8).source_episodes({saved.id});
  co_await memory.add_semantic(std::move(lesson));
  co_await memory.save_skill(comem::NewSkill("mend-connection-pool")
                                 .description("Raise the size of a connection pool that is exhausted")
                                 .action("read_logs", R"({"service":"payment-api"})")
                                 .action("raise_pool_size", R"({"factor":2.5})"));
  co_await memory.record_skill_execution("mend-connection-pool", success, 90s);

  // 5. The next task finds it, in other words than it was saved with.
  const auto after = co_await memory.get_enriched_context(
      comem::ContextRequest("connections of the payment service are exhausted"));
  std::cout << "-- known after: " << after.memory_ids.size() << " memories\n" << after.text << '\n';
  co_return after.memory_ids.size() >= 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}

comem::awaitable<int> agent(comem::Options options) {
  auto memory = co_await comem::create_memory_adapter(options);
  const int result = co_await run_task(memory, "Payments fail since 14:00: find out why and mend it");
  co_await memory.close();
  co_return result;
}

}  // namespace

int main(int argc, char** argv) {
  comem::Options options;
  options.database = argc > 1 ? argv[1] : ":memory:";
  options.agent_id = "operator-1";

  boost::asio::io_context context;
  int result = EXIT_FAILURE;
  boost::asio::co_spawn(context, agent(options), [&result](std::exception_ptr error, int value) {
    if (error) {
      std::rethrow_exception(error);  // leaves context.run()
    }
    result = value;
  });
  try {
    context.run();
  } catch (const std::exception& error) {
    std::cerr << "agent_loop: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return result;
}
