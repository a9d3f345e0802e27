// comem-sim: runs seeds of the simulated world and says which of them break a promise.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <thread>

#include "cli/json_object.hpp"
#include "tests/simulation/campaign.hpp"
#include "tests/simulation/world.hpp"

namespace comem::simulation {
namespace {

struct Arguments {
  std::uint64_t seeds = 1000;
  std::uint64_t first = 0;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::size_t enough = 10;
  std::string ablate;
  bool list = false, trace = false, json = false;
};

void define(CLI::App& app, Arguments& arguments) {
  app.add_option("--seeds", arguments.seeds, "How many (1000)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  app.add_option("--first", arguments.first, "The first seed (1; of what is hard to notice, one that does)");
  app.add_option("--jobs", arguments.jobs, "Threads (as many as there are cores)")
      ->check(CLI::Range(1u, 256u));
  app.add_option("--stop-after", arguments.enough, "Failing seeds after which to stop (10; 0: never)");
  app.add_option("--ablate", arguments.ablate, "Break a mechanism of the sync engine, from outside")
      ->type_name("NAME");
  app.add_flag("--list", arguments.list, "Say what can be broken");
  app.add_flag("--trace", arguments.trace, "Print what happens in the first seed, and only run that one");
  app.add_flag("--json", arguments.json, "Print one JSON line");
  app.footer(
      "Each seed is a world of two to four hosts that share through one Redis, with faults of networks, "
      "disks,\n"
      "clocks, processes and Redis. After healing every promise of the sync is checked. The same seed "
      "always\n"
      "gives the same world. Exit code 1: a promise was broken.\n"
      "Examples:\n"
      "  comem-sim --seeds 100000 --jobs 2\n"
      "  comem-sim --first 4711 --trace                  what happens in one seed\n"
      "  comem-sim --ablate no-heartbeat --seeds 500     this must fail");
}

std::string command_of(std::uint64_t seed, const Arguments& arguments) {
  const std::string ablate = arguments.ablate.empty() ? "" : " --ablate " + arguments.ablate;
  return fmt::format("comem-sim --first {} --seeds 1 --trace{}", seed, ablate);
}

int list() {
  for (const auto& entry : ablations) fmt::print("{:<22} {}\n", entry.name, entry.meaning);
  return 0;
}

int trace(const Arguments& arguments, Ablation ablation) {
  const auto print = [](const std::string& line) { fmt::print("{}\n", line); };
  const auto verdict = simulate(arguments.first, ablation, print);
  for (const auto& what : verdict.broken) fmt::print("broken: {}\n", what);
  fmt::print("seed {}: {} events, trace {:016x}, {}\n", arguments.first, verdict.events, verdict.hash,
             verdict.broken.empty() ? "every promise kept" : "promises broken");
  return verdict.broken.empty() ? 0 : 1;
}

void report(const Arguments& arguments, const CampaignResult& result) {
  for (const auto& [seed, broken] : result.failures) {
    fmt::print("seed {}:\n", seed);
    for (const auto& what : broken) fmt::print("  {}\n", what);
    fmt::print("  repeat: {}\n", command_of(seed, arguments));
  }
  const double rate = static_cast<double>(result.seeds) / std::max(result.wall.count(), 1e-9);
  fmt::print(
      "{} seeds, {} broke a promise; {:.0f} seeds/s, {} events, {:.1f} hours simulated, slowest convergence "
      "{} ms, "
      "trace {:016x}\n",
      result.seeds, result.failures.size(), rate, result.events, result.simulated.count() / 3600,
      result.slowest_convergence.count(), result.hash);
}

std::string json_of(const Arguments& arguments, const CampaignResult& result) {
  const std::uint64_t seed = result.failures.empty() ? 0 : result.failures.begin()->first;
  cli::JsonObject out;
  out.add("seeds", result.seeds)
      .add("first", arguments.first)
      .add("ablation", arguments.ablate)
      .add("failures", result.failures.size())
      .add("seeds_per_s", static_cast<double>(result.seeds) / std::max(result.wall.count(), 1e-9))
      .add("events", result.events)
      .add("slowest_convergence_ms", static_cast<std::uint64_t>(result.slowest_convergence.count()));
  if (seed != 0) {
    out.add("failing_seed", seed);
    out.add("broken", result.failures.begin()->second.front());
    out.add("repeat", command_of(seed, arguments));
  }
  return out.str();
}

int run(Arguments arguments) {
  if (arguments.list) return list();
  Ablation ablation = Ablation::none;
  if (!arguments.ablate.empty()) {
    const auto found = ablation_named(arguments.ablate);
    if (!found) {
      fmt::print(stderr, "comem-sim: nothing named '{}' can be broken; --list says what can\n",
                 arguments.ablate);
      return 2;
    }
    ablation = found->ablation;
    if (arguments.first == 0) arguments.first = found->first;
  }
  if (arguments.first == 0) arguments.first = 1;
  if (arguments.trace) return trace(arguments, ablation);
  CampaignOptions options;
  options.first = arguments.first;
  options.seeds = arguments.seeds;
  options.jobs = arguments.jobs;
  options.ablation = ablation;
  options.enough = arguments.enough;
  const auto begin = std::chrono::steady_clock::now();
  const auto progress = [&](std::uint64_t done) {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    fmt::print(stderr, "\r{} of {} seeds, {:.0f} a second ", done, arguments.seeds,
               static_cast<double>(done) / wall.count());
  };
  const auto result = run_campaign(options, progress);
  if (result.wall.count() > 1) fmt::print(stderr, "\n");
  if (arguments.json)
    fmt::print("{}\n", json_of(arguments, result));
  else
    report(arguments, result);
  return result.failures.empty() ? 0 : 1;
}

}  // namespace
}  // namespace comem::simulation

int main(int argc, char** argv) {
  CLI::App app("comem-sim: the sync engine in a simulated world that breaks it", "comem-sim");
  comem::simulation::Arguments arguments;
  comem::simulation::define(app, arguments);
  try {
    app.parse(argc, argv);
    return comem::simulation::run(arguments);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : (app.exit(error), 2);
  } catch (const std::exception& error) {
    fmt::print(stderr, "comem-sim: {}\n", error.what());
    return 3;
  }
}
