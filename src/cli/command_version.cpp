// comem version.

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"

namespace comem::cli {
namespace {

awaitable<int> run(Shell* shell) {
  if (shell->json()) {
    print_line(JsonObject().add("version", COMEM_VERSION).str());
  } else {
    print_line("comem " COMEM_VERSION);
  }
  co_return exit_ok;
}

}  // namespace

void add_version(CLI::App& app, Shell& shell) {
  auto* command = app.add_subcommand("version", "Print the version");
  command->callback([&shell] { shell.select([&shell] { return run(&shell); }); });
}

}  // namespace comem::cli
