// comem list: the memories saved last.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/show.hpp"
#include "cli/values.hpp"
#include "memory/jsonl.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t max_limit = 10'000;

struct Arguments {
  std::vector<std::string> types;
  std::size_t limit = 20;
};

void show(const AnyMemory& memory, const std::string& ns, bool json) {
  if (json) {
    print_line(memory::export_line(ns, memory));
    return;
  }
  print_line(fmt::format("{}{}{}  {}{}{}", style().bold, visible(id_on_a_line(common(memory).id, false)),
                         style().off, style().dim, facts_of(memory), style().off));
  print_line("  " + gist(memory, 100));
}

/// "semantic or skill ", for before a noun; empty for all types.
std::string names_of(const std::vector<MemoryType>& types) {
  std::string names;
  for (const auto type : types) names += fmt::format("{}{}", names.empty() ? "" : "or ", name_of(type)) + " ";
  return names;
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  auto types = type_values(arguments->types, "--type");
  const std::string types_asked = names_of(types);
  Options options = shell->options();
  const std::string ns = options.ns;
  auto adapter = co_await shell->open(std::move(options), Use::join);
  const auto memories = co_await adapter.newest(std::move(types), arguments->limit);
  for (const auto& memory : memories) show(memory, ns, shell->json());
  flush_output();
  if (memories.empty()) complain(fmt::format("namespace '{}' holds no {}memories", visible(ns), types_asked));
  co_await shell->close(adapter, Use::read);
  co_return memories.empty() ? exit_nothing : exit_ok;
}

}  // namespace

void add_list(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("list", "List memories, last saved first");
  command->add_option("--type", arguments->types, "episodic, semantic or skill; may be repeated")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  command->add_option("--limit", arguments->limit, "How many at most (20)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, max_limit));
  command->footer("Examples:\n  comem list --type skill\n  comem list --limit 100 --json");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
