// comem get: show one memory.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/show.hpp"
#include "cli/values.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/jsonl.hpp"

namespace comem::cli {
namespace {

struct Arguments {
  std::string id, type;
};

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  const std::string& id = arguments->id;
  check_id(id, "ID");
  std::vector<MemoryType> types;
  if (!arguments->type.empty()) types = type_values({arguments->type}, "--type");
  Options options = shell->options();
  const std::string ns = options.ns;
  auto adapter = co_await shell->open(std::move(options), Use::join);
  std::optional<AnyMemory> memory;
  if (types.empty()) {
    memory = co_await adapter.get(id);
  } else {
    memory = co_await adapter.get(id, types.front());
  }
  if (!memory) {
    const auto type = types.empty() ? std::string() : fmt::format("{} ", name_of(types.front()));
    complain(fmt::format("no {}memory '{}' in namespace '{}'", type, printable(id), printable(ns)));
  } else if (shell->json()) {
    print_line(memory::export_line(ns, *memory));
  } else {
    print(full_view(*memory));
  }
  flush_output();
  co_await shell->close(adapter, Use::read);
  co_return memory ? exit_ok : exit_nothing;
}

}  // namespace

void add_get(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("get", "Show the memory of an id");
  command->add_option("ID", arguments->id, "Its id")->required();
  command
      ->add_option("--type", arguments->type,
                   "Only episodic, semantic or skill: memories of two types may have one id")
      ->type_name("TYPE");
  command->footer("Examples:\n  comem get 018f2a6c41b7e5d8c9a0\n  comem get --json note-1 | jq .text");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
