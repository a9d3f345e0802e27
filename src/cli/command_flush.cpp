// comem flush: wait until everything is shared, and has its vector.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

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

void report(const EmbeddingStats& embedding, bool embedded) {
  if (!embedding.on) return;
  if (embedded) return print_line("all memories have their vectors");
  const bool failing = !embedding.working && !embedding.last_error.empty();
  complain(fmt::format("{} no vector yet: {}", counted(embedding.missing, "memory has", "memories have"),
                       failing ? visible(embedding.last_error) : "wait longer with --timeout"));
}

awaitable<int> run(Shell* shell, std::shared_ptr<std::string> timeout) {
  const auto deadline = duration_value(*timeout, "--timeout");
  if (deadline > longest) throw Error(errc::invalid_argument, "--timeout: at most 10m");
  const auto until = std::chrono::steady_clock::now() + deadline;
  auto adapter = co_await shell->open(shell->options(), Use::join);
  const bool flushed = co_await adapter.flush(deadline);
  const auto left = std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
  const bool embedded = co_await adapter.wait_for_vectors(std::max(left, Milliseconds(0)));
  const auto stats = co_await adapter.stats();
  const bool alone = stats.relay.state == RelayState::off;
  const std::string reason = why_not(flushed, stats.relay);
  if (shell->json()) {
    JsonObject object;
    object.add("shared", flushed && !alone).add("unshared", stats.unshared);
    if (!reason.empty()) object.add("reason", reason);
    if (stats.embedding.on) object.add("embedded", embedded).add("without_vector", stats.embedding.missing);
    print_line(object.str());
  } else if (alone) {
    if (!stats.embedding.on) print_line("nothing to wait for: " + reason);
  } else if (flushed) {
    print_line("everything is shared");
  }
  if (!shell->json()) report(stats.embedding, embedded);
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
  if (!flushed) co_return exit_redis;
  co_return embedded ? exit_ok : exit_nothing;
}

}  // namespace

void add_flush(CLI::App& app, Shell& shell) {
  auto timeout = std::make_shared<std::string>("5s");
  auto* command = app.add_subcommand(
      "flush", "Wait until all writes of the namespace are shared through Redis and have vectors");
  command->add_option("--timeout", *timeout, "Give up after this time (5s)")->type_name("TIME");
  command->footer(
      "Without Redis and without an embedding service there is nothing to wait for, and the exit code is 0.\n"
      "Example:\n  comem flush --redis redis://localhost --timeout 30s");
  command->callback([&shell, timeout] { shell.select([&shell, timeout] { return run(&shell, timeout); }); });
}

}  // namespace comem::cli
