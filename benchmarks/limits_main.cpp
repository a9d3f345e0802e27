// comem-limits: what the parts can do here that comem is made of. One limit a run, one line of JSON.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <map>
#include <stdexcept>

#include "benchmarks/limits.hpp"
#include "cli/json_object.hpp"
#include "cli/process.hpp"

namespace comem::bench {
namespace {

using Limit = std::function<Measurement(const LimitSettings&)>;

const std::map<std::string, Limit>& limits() {
  static const std::map<std::string, Limit> all{
      {"sqlite", [](const LimitSettings& settings) { return measure_sqlite(settings, 1); }},
      {"sqlite100", [](const LimitSettings& settings) { return measure_sqlite(settings, 100); }},
      {"fdatasync", measure_fdatasync},
      {"map", measure_map},
#ifdef COMEM_BENCH_HIREDIS
      {"pubsub", measure_pubsub},
      {"pipeline", measure_pipeline},
#endif
  };
  return all;
}

int run(LimitSettings settings) {
  const cli::TemporaryDirectory scratch;
  settings.directory = scratch.path();
  const auto measured = measure_limit(settings);
  fmt::print("{}\n", cli::JsonObject()
                         .add("limit", settings.limit)
                         .add("n", settings.n)
                         .add("bytes", settings.bytes)
                         .add("p50_ms", measured.percentile(0.5))
                         .add("p99_ms", measured.percentile(0.99))
                         .add("per_s", measured.per_second())
                         .add("cpu_us", measured.cpu_us())
                         .str());
  return 0;
}

}  // namespace

const std::vector<std::string>& limit_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, limit] : limits()) all.push_back(name);
    return all;
  }();
  return names;
}

Measurement measure_limit(const LimitSettings& settings) {
  return limits().at(settings.limit)(settings);
}

}  // namespace comem::bench

int main(int argc, char** argv) {
  CLI::App app("comem-limits: what SQLite, the disk, memory and Redis can do here", "comem-limits");
  comem::bench::LimitSettings settings;
  app.add_option("--limit", settings.limit, "Which")
      ->required()
      ->check(CLI::IsMember(comem::bench::limit_names()));
  app.add_option("--n", settings.n, "Operations (1000)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  app.add_option("--bytes", settings.bytes, "Of a value (1024)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  app.add_flag("--full", settings.full, "SQLite syncs each commit");
  app.add_option("--port", settings.port, "Of a Redis on this host, for pubsub and pipeline");
  try {
    app.parse(argc, argv);
    return comem::bench::run(settings);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : (app.exit(error), 2);
  } catch (const std::exception& error) {
    fmt::print(stderr, "comem-limits: {}\n", error.what());
    return 3;
  }
}
