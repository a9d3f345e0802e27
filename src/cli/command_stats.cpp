// comem stats: what the store knows of itself.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"

namespace comem::cli {
namespace {

std::string as_json(const EmbeddingStats& embedding) {
  return JsonObject()
      .add("on", embedding.on)
      .add("working", embedding.working)
      .add("model", embedding.model)
      .add("endpoint", embedding.endpoint)
      .add("last_error", embedding.last_error)
      .add("dimensions", embedding.dimensions)
      .add("held", embedding.held)
      .add("missing", embedding.missing)
      .add("embedded", embedding.embedded)
      .add("refused", embedding.refused)
      .add("queries", embedding.queries)
      .add("queries_without", embedding.queries_without)
      .str();
}

std::string as_json(const Stats& stats) {
  JsonObject live;
  for (const auto& [type, count] : stats.live) live.add(name_of(type), count);
  JsonObject relay;
  relay.add("state", name_of(stats.relay.state))
      .add("reason", stats.relay.reason)
      .add("endpoint", stats.relay.endpoint)
      .add("server", stats.relay.server)
      .add("pushed", stats.relay.pushed)
      .add("pulled", stats.relay.pulled)
      .add("skipped", stats.relay.skipped)
      .add("reconnects", stats.relay.reconnects);
  return JsonObject()
      .add_id("ns", stats.ns)
      .add_id("agent", stats.agent)
      .add("database", stats.database)
      .add("store_id", stats.store_id)
      .add("schema_version", stats.schema_version)
      .raw("live", live.str())
      .add("tombstones", stats.tombstones)
      .add("unshared", stats.unshared)
      .add("index_documents", stats.index_documents)
      .add("index_terms", stats.index_terms)
      .raw("relay", relay.str())
      .raw("embedding", as_json(stats.embedding))
      .str();
}

void row(std::string_view name, const std::string& value) {
  print_line(fmt::format("{:<12}{}", name, visible(value)));
}

void show(const EmbeddingStats& embedding) {
  if (!embedding.on) {
    row("vectors", "not used");
    return;
  }
  row("vectors",
      fmt::format("{} of {}, {} missing ({}{})", embedding.held, embedding.held + embedding.missing,
                  embedding.missing, embedding.model, embedding.working ? "" : ", not working"));
  row("", embedding.endpoint);
  if (!embedding.last_error.empty()) row("", "last error: " + embedding.last_error);
}

void show(const Stats& stats) {
  row("database",
      fmt::format("{} (schema {}, store {})", stats.database, stats.schema_version, stats.store_id));
  row("namespace", stats.ns);
  for (const auto& [type, count] : stats.live) row(name_of(type), std::to_string(count));
  row("deleted", fmt::format("{} (kept for a while, so that others hear of it)", stats.tombstones));
  row("index", fmt::format("{} memories, {} words", stats.index_documents, stats.index_terms));
  show(stats.embedding);
  const auto& relay = stats.relay;
  if (relay.state == RelayState::off) {
    row("redis", "not used");
    return;
  }
  row("redis", fmt::format("{} {}{}", relay.endpoint, name_of(relay.state),
                           relay.server.empty() ? "" : " (" + relay.server + ")"));
  if (!relay.reason.empty()) row("", relay.reason);
  row("unshared", std::to_string(stats.unshared));
  if (relay.skipped > 0) row("skipped", fmt::format("{} foreign or broken values in Redis", relay.skipped));
}

awaitable<int> run(Shell* shell) {
  auto adapter = co_await shell->open(shell->options(), Use::join);
  const auto stats = co_await adapter.stats();
  if (shell->json()) {
    print_line(as_json(stats));
  } else {
    show(stats);
  }
  flush_output();
  co_await shell->close(adapter, Use::read);
  co_return exit_ok;
}

}  // namespace

void add_stats(CLI::App& app, Shell& shell) {
  auto* command = app.add_subcommand("stats", "Show counts, the search index and the link to Redis");
  command->footer("Example:\n  comem stats --namespace team --json");
  command->callback([&shell] { shell.select([&shell] { return run(&shell); }); });
}

}  // namespace comem::cli
