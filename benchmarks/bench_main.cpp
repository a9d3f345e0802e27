// comem-bench: how fast comem is here, one workload a run.

#include <comem/error.hpp>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

#include "benchmarks/workloads.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "cli/values.hpp"
#include "core/ids.hpp"

namespace comem::bench {
namespace {

struct Arguments {
  std::string workload, redis, level = "durable", db, ns;
  std::size_t n = 1000, callers = 1, preload = 0;
  std::uint64_t seed = 1;
  bool json = false, watcher = false;
};

void define(CLI::App& app, Arguments& arguments) {
  app.add_option("--workload", arguments.workload, "What to measure")
      ->required()
      ->check(CLI::IsMember(workload_names()));
  app.add_option("--n", arguments.n, "Operations, or what is said below (1000)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  app.add_option("--callers", arguments.callers,
                 "Operations of save, get, batch100 and search under way at a time (1)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}));
  app.add_option("--preload", arguments.preload,
                 "Episodes in the store before save and get begin; those of batch100 (10,000)")
      ->check(CLI::Range(std::size_t{0}, std::size_t{10'000'000}));
  app.add_option("--redis", arguments.redis, "Share through this Redis or Valkey")->type_name("URL");
  app.add_option("--level", arguments.level, "local, durable or shared (durable)")->type_name("LEVEL");
  app.add_option("--db", arguments.db, "Database file (a new temporary one)")->type_name("FILE");
  app.add_option("--namespace", arguments.ns, "Namespace (a new one)")->type_name("NS");
  app.add_option("--seed", arguments.seed, "Of the made-up words (1)");
  app.add_flag("--json", arguments.json, "Print one JSON line");
  app.add_flag("--watcher", arguments.watcher)->group("");
  app.footer(
      "  save      save_episode, one after the other     get       get_skill by name\n"
      "  save50    save_episode, 50 in flight            batch100  get_many of 100 memories\n"
      "  search    1,000 queries of 3 words over N episodes\n"
      "  visible   from the start of a save until a search in another process finds it; with --redis\n"
      "            that process has a file of its own, without it shares the file\n"
      "  told      from the start of a save until a subscription in another process tells of it\n"
      "  heard     the same from where the link sends it: through Redis' script to the subscription\n"
      "  share     N records of 1 KB that only this store has, until --redis holds them\n"
      "  deduplicate  remember with deduplicate() over N episodes, every other one stands already\n"
      "  consolidate  consolidate over N episodes of which a third are duplicates: dry, then applied\n"
      "  adapters  N adapters open at a time, each on a file of its own    idle  one, asked for nothing for "
      "N ms\n"
      "Example:\n"
      "  comem-bench --workload save50 --n 10000 --level durable --json");
}

Options options_of(const Arguments& arguments, const cli::TemporaryDirectory& scratch) {
  Options options;
  options.database = arguments.db.empty() ? scratch.file("bench.db") : arguments.db;
  options.ns = arguments.ns.empty() ? "bench-" + make_random_id() : arguments.ns;
  options.agent_id = "bench";
  options.level = cli::level_value(arguments.level, "--level");
  if (!arguments.redis.empty()) {
    options.backend = Backend::redis;
    options.redis_url = arguments.redis;
    options.startup_wait = std::chrono::seconds(2);
  }
  return options;
}

std::string line_of(const Arguments& arguments, const Measurement& measured) {
  if (!arguments.json)
    return fmt::format("{} ({}): {} operations, p50 {:.3f} ms, p99 {:.3f} ms, {:.0f} per second",
                       arguments.workload, arguments.level, measured.count(), measured.percentile(0.5),
                       measured.percentile(0.99), measured.per_second());
  cli::JsonObject line;
  line.add("workload", arguments.workload)
      .add("level", arguments.level)
      .add("redis", !arguments.redis.empty())
      .add("n", arguments.n)
      .add("callers", arguments.callers)
      .add("preload", arguments.preload)
      .add("operations", measured.count())
      .add("p50_ms", measured.percentile(0.5))
      .add("p99_ms", measured.percentile(0.99))
      .add("per_s", measured.per_second())
      .add("cpu_us", measured.cpu_us())
      .add("rss_mb", peak_resident_mb());
  for (const auto& [name, value] : measured.notes()) line.add(name, value);
  return line.str();
}

awaitable<int> measure(const Arguments* arguments, Options options) {
  auto memory = co_await create_memory_adapter(options);
  if (options.backend == Backend::redis && !memory.redis_available())
    throw Error(errc::unavailable, "Redis cannot be reached; check --redis (comem doctor tells more)");
  Settings settings;
  settings.workload = arguments->workload;
  settings.n = arguments->n;
  settings.callers = arguments->callers;
  settings.preload = arguments->preload;
  settings.seed = arguments->seed;
  settings.options = options;
  const auto measured = co_await run_workload(&memory, &settings);
  cli::print_line(line_of(*arguments, measured));
  cli::flush_output();
  co_await memory.close(Milliseconds(0));
  co_return 0;
}

awaitable<int> task_of(const Arguments& arguments, Options options) {
  if (!arguments.watcher) return measure(&arguments, std::move(options));
  return arguments.workload == "visible" ? watch_for_words(std::move(options))
                                         : watch_for_changes(std::move(options));
}

int run(const Arguments& arguments) {
  const cli::TemporaryDirectory scratch;
  boost::asio::io_context context(1);
  std::exception_ptr failure;
  Options options = options_of(arguments, scratch);
  auto task = task_of(arguments, std::move(options));
  boost::asio::co_spawn(context, std::move(task),
                        [&failure](const std::exception_ptr& error, int) { failure = error; });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace
}  // namespace comem::bench

int main(int argc, char** argv) {
  CLI::App app("comem-bench: how fast comem is on this machine", "comem-bench");
  comem::bench::Arguments arguments;
  comem::bench::define(app, arguments);
  try {
    app.parse(argc, argv);
    return comem::bench::run(arguments);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : (app.exit(error), 2);
  } catch (const comem::Error& error) {
    fmt::print(stderr, "comem-bench: {}\n", error.what());
    return error.code() == comem::make_error_code(comem::errc::invalid_argument) ? 2 : 3;
  } catch (const std::exception& error) {
    fmt::print(stderr, "comem-bench: {}\n", error.what());
    return 3;
  }
}
