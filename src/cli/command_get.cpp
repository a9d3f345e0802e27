// comem get: show one memory.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/show.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/jsonl.hpp"

namespace comem::cli {
namespace {

awaitable<int> run(Shell* shell, std::shared_ptr<std::string> id) {
  check_id(*id, "ID");
  Options options = shell->options();
  const std::string ns = options.ns;
  auto adapter = co_await shell->open(std::move(options), Use::join);
  const auto memory = co_await adapter.get(*id);
  if (!memory) {
    complain(fmt::format("no memory '{}' in namespace '{}'", printable(*id), printable(ns)));
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
  auto id = std::make_shared<std::string>();
  auto* command = app.add_subcommand("get", "Show the memory of an id");
  command->add_option("ID", *id, "Its id")->required();
  command->footer("Examples:\n  comem get 018f2a6c41b7e5d8c9a0\n  comem get --json note-1 | jq .text");
  command->callback([&shell, id] { shell.select([&shell, id] { return run(&shell, id); }); });
}

}  // namespace comem::cli
