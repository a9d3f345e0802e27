// comem digest: whether this store and Redis hold the same.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include <set>

#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/slow_notice.hpp"
#include "cli/values.hpp"

namespace comem::cli {
namespace {

constexpr Milliseconds longest = std::chrono::minutes(10);

std::string as_json(const Digest& digest) {
  JsonObject types;
  for (const auto& [type, part] : digest.types)
    types.raw(name_of(type), JsonObject().add("records", part.records).add("hash", part.hash).str());
  return JsonObject()
      .add("records", digest.records())
      .add("hash", digest.hash())
      .raw("types", types.str())
      .str();
}

std::string as_json(const DigestReport& report, bool with_redis) {
  JsonObject object;
  object.add_id("ns", report.ns).raw("store", as_json(report.store));
  if (report.redis) object.raw("redis", as_json(*report.redis));
  if (with_redis) object.add("equal", report.equal()).add("unshared", report.unshared);
  if (with_redis && !report.reason.empty()) object.add("reason", report.reason);
  return object.str();
}

std::string cell(const Digest& digest, MemoryType type) {
  const auto place = digest.types.find(type);
  return place == digest.types.end() ? "-" : fmt::format("{} {}", place->second.records, place->second.hash);
}

void show(const DigestReport& report) {
  std::set<MemoryType> types;
  for (const auto& [type, part] : report.store.types) types.insert(type);
  if (report.redis)
    for (const auto& [type, part] : report.redis->types) types.insert(type);
  const auto row = [&](std::string_view name, const std::string& here, const std::string& there) {
    const bool same = here == there || name.empty();
    const auto colour = same || !report.redis ? std::string_view() : style().bad;
    const auto off = colour.empty() ? std::string_view() : style().off;
    const auto line = fmt::format("{:<10} {:<24} {}", name, here, report.redis ? there : "");
    print_line(fmt::format("{}{}{}", colour, line.substr(0, line.find_last_not_of(' ') + 1), off));
  };
  row("", "store", report.redis ? "redis" : "");
  for (const auto type : types)
    row(name_of(type), cell(report.store, type), report.redis ? cell(*report.redis, type) : "");
  const auto all = [](const Digest& digest) { return fmt::format("{} {}", digest.records(), digest.hash()); };
  row("all", all(report.store), report.redis ? all(*report.redis) : "");
}

/// What a person should know of a difference.
std::string advice(const DigestReport& report) {
  if (report.unshared > 0)
    return fmt::format("they differ: {} not shared yet; comem flush waits for that",
                       counted(report.unshared, "write is", "writes are"));
  return "they differ, and nothing waits to be shared: comem doctor --repair mends it";
}

awaitable<int> run(Shell* shell, std::shared_ptr<std::string> wait) {
  const auto deadline = duration_value(*wait, "--wait");
  if (deadline > longest) throw Error(errc::invalid_argument, "--wait: at most 10m");
  auto adapter = co_await shell->open(shell->options(), Use::join);
  const auto executor = co_await boost::asio::this_coro::executor;
  const SlowNotice notice(executor, "comparing with Redis...", !shell->json());
  const auto report = co_await adapter.digest(deadline);
  const auto stats = co_await adapter.stats();
  const bool with_redis = stats.relay.state != RelayState::off;
  if (shell->json()) {
    print_line(as_json(report, with_redis));
  } else {
    show(report);
  }
  flush_output();
  co_await shell->close(adapter, Use::read);
  if (!with_redis || report.equal()) co_return exit_ok;
  if (!report.redis) {
    complain(
        fmt::format("Redis at {} cannot be compared with: {}", stats.relay.endpoint, visible(report.reason)));
    co_return exit_redis;
  }
  complain(advice(report));
  co_return exit_nothing;
}

}  // namespace

void add_digest(CLI::App& app, Shell& shell) {
  auto wait = std::make_shared<std::string>("3s");
  auto* command = app.add_subcommand("digest", "Tell whether this store and Redis hold the same");
  command->add_option("--wait", *wait, "Look again for so long while they differ (3s)")->type_name("TIME");
  command->footer(
      "Count and hash of all records of the namespace that are live, by type.\n"
      "Stores that hold the same have the same hashes; how often memories were read does not count.\n"
      "Exit codes: 0 the same, or no Redis is configured; 1 different; 4 Redis was not reached.\n"
      "Examples:\n  comem digest --redis redis://localhost\n  comem digest --namespace team --wait 0s "
      "--json");
  command->callback([&shell, wait] { shell.select([&shell, wait] { return run(&shell, wait); }); });
}

}  // namespace comem::cli
