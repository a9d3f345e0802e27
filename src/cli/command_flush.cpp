// comem flush: wait until everything is shared.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/values.hpp"

namespace comem::cli {
namespace {

constexpr Milliseconds longest = std::chrono::minutes(10);

/// Why not everything is shared; empty when it is.
std::string why_not(bool flushed, const RelayStats& relay) {
  if (relay.state == RelayState::off) return "no Redis is configured (--redis, REDIS_URL)";
  if (flushed) return {};
  return relay.reason.empty() ? "no answer in time" : relay.reason;
}

awaitable<int> run(Shell* shell, std::shared_ptr<std::string> timeout) {
  const auto deadline = duration_value(*timeout, "--timeout");
  if (deadline > longest) throw Error(errc::invalid_argument, "--timeout: at most 10m");
  auto adapter = co_await shell->open(shell->options(), Use::join);
  const bool flushed = co_await adapter.flush(deadline);
  const auto stats = co_await adapter.stats();
  const bool alone = stats.relay.state == RelayState::off;
  const std::string reason = why_not(flushed, stats.relay);
  if (shell->json()) {
    JsonObject object;
    object.add("shared", flushed && !alone).add("unshared", stats.unshared);
    if (!reason.empty()) object.add("reason", reason);
    print_line(object.str());
  } else if (alone) {
    print_line("nothing to wait for: " + reason);
  } else if (flushed) {
    print_line("everything is shared");
  }
  flush_output();
  if (!flushed)
    complain(fmt::format("{} not shared yet; Redis at {}: {}",
                         counted(stats.unshared, "write is", "writes are"), stats.relay.endpoint,
                         visible(reason)));
  else if (!alone && !adapter.redis_available())
    complain(fmt::format("nothing waits to be shared, but Redis at {} is not reached: {}",
                         stats.relay.endpoint,
                         stats.relay.reason.empty() ? "no answer yet" : visible(stats.relay.reason)));
  co_await shell->close(adapter, Use::read);
  co_return flushed ? exit_ok : exit_redis;
}

}  // namespace

void add_flush(CLI::App& app, Shell& shell) {
  auto timeout = std::make_shared<std::string>("5s");
  auto* command =
      app.add_subcommand("flush", "Wait until all writes of the namespace are shared through Redis");
  command->add_option("--timeout", *timeout, "Give up after this time (5s)")->type_name("TIME");
  command->footer(
      "Without Redis there is nothing to wait for, and the exit code is 0.\n"
      "Example:\n  comem flush --redis redis://localhost --timeout 30s");
  command->callback([&shell, timeout] { shell.select([&shell, timeout] { return run(&shell, timeout); }); });
}

}  // namespace comem::cli
