// comem watch: changes of others, as they happen.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/show.hpp"
#include "cli/values.hpp"
#include "core/ids.hpp"

namespace comem::cli {
namespace {

struct Arguments {
  std::vector<std::string> types;
  std::size_t count = 0;  ///< zero: no end
};

std::string as_json(const Change& change, const std::optional<AnyMemory>& memory) {
  JsonObject object;
  object.add("change", change.kind == Change::Kind::saved ? "saved" : "forgotten")
      .add("type", name_of(change.type))
      .add_id("id", change.id)
      .add_id("agent", change.agent)
      .add("dropped_before", change.dropped_before);
  if (memory) object.add("text", common(*memory).content);
  return object.str();
}

void show(const Change& change, const std::optional<AnyMemory>& memory) {
  if (change.dropped_before > 0)
    complain(fmt::format("{} changes came too fast to show", change.dropped_before));
  print_line(fmt::format("{}{}{} {} {} by {}", style().bold,
                         change.kind == Change::Kind::saved ? "saved" : "forgotten", style().off,
                         name_of(change.type), visible(id_on_a_line(change.id, false)),
                         one_line(change.agent, 60)));
  if (memory) print_line("  " + gist(*memory, 100));
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  auto types = type_values(arguments->types, "--type");
  Options options = shell->options();
  // What an agent does itself is not reported to it: the default agent watches under a name of its own.
  if (shell->globals.agent.empty()) options.agent_id = "watch-" + make_random_id();
  auto adapter = co_await shell->open(std::move(options), Use::join);
  auto changes = co_await adapter.subscribe(std::move(types));
  shell->on_interrupt([&changes] { changes.close(); });
  // On standard error, for people and for scripts that must know when it hears.
  complain(fmt::format("watching '{}'; Ctrl-C ends it", visible(adapter.ns())));
  std::size_t seen = 0;
  while (!interrupt::requested() && (arguments->count == 0 || seen < arguments->count)) {
    const auto change = co_await changes.next();
    if (!change) break;
    std::optional<AnyMemory> memory;
    if (change->kind == Change::Kind::saved) memory = co_await adapter.get(change->id, change->type);
    if (shell->json()) {
      print_line(as_json(*change, memory));
    } else {
      show(*change, memory);
    }
    flush_output();
    ++seen;
  }
  shell->on_interrupt([] {});
  changes.close();
  co_await shell->close(adapter, Use::read);
  const bool complete = arguments->count > 0 && seen == arguments->count;
  co_return interrupt::requested() && !complete ? exit_interrupted : exit_ok;
}

}  // namespace

void add_watch(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("watch", "Print what other agents save and forget, as it happens");
  command->add_option("--type", arguments->types, "episodic, semantic or skill; may be repeated")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  command->add_option("--count", arguments->count, "End after this many changes")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}));
  command->footer(
      "Examples:\n  comem watch --redis redis://localhost\n  comem watch --type skill --json --count 1");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
