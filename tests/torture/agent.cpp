// comem_torture_agent: a process that writes to its memory without end, keeps account of every acknowledged
// effect in a file, and may be killed at any moment. Options: agent_options.hpp; the account:
// ledger_file.hpp; what it answers on standard input: orders.hpp.

#include <malloc.h>
#include <sys/prctl.h>
#include <comem/comem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "tests/torture/orders.hpp"

namespace {

using comem::torture::AgentOptions;

/// Whoever comes first makes the skills; they have the same ids on every store.
comem::awaitable<void> make_skills(comem::RedisMemoryAdapter& memory) {
  for (int i = 0; i < comem::torture::shared_skills; ++i) {
    const std::string name = fmt::format("skill-{}", i);
    const auto found = co_await memory.get_skill(name);
    if (found) continue;
    comem::NewSkill skill(name);
    skill.description("counted by everybody");
    co_await memory.save_skill(std::move(skill));
  }
}

comem::awaitable<void> live(boost::asio::io_context& context, const AgentOptions& options,
                            comem::torture::ShiftedClock& clock) {
  comem::torture::LedgerFile ledger(options.acknowledgements);
  auto memory = co_await comem::create_memory_adapter(options.memory);
  co_await make_skills(memory);
  comem::torture::Writers writers(context, memory, options, ledger);
  writers.start();
  comem::torture::Orders orders(context, memory, writers, clock);
  co_await orders.serve();
  writers.stop();
  co_await writers.pause();
  co_await memory.close();
}

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a driver that was killed leaves nobody behind
  std::signal(SIGPIPE, SIG_IGN);
  try {
    AgentOptions options = comem::torture::parse_agent_options(argc, argv);
    if (options.one_arena) ::mallopt(M_ARENA_MAX, 1);
    comem::torture::ShiftedClock clock(options.clock_shift_ms);
    options.memory.clock = &clock;
    boost::asio::io_context context;
    boost::asio::co_spawn(context, live(context, options, clock), [&context](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
      context.stop();
    });
    context.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "comem_torture_agent: %s\n", error.what());
    return 1;
  }
}
