// comem forget: remove one memory, everywhere.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"

namespace comem::cli {
namespace {

awaitable<int> run(Shell* shell, std::shared_ptr<std::string> id) {
  check_id(*id, "ID");
  Options options = shell->options();
  const std::string ns = options.ns;
  auto adapter = co_await shell->open(std::move(options), Use::join);
  const auto result = co_await adapter.forget(*id);
  if (shell->json()) {
    print_line(JsonObject()
                   .add_id("id", *id)
                   .add_id("ns", ns)
                   .add("forgotten", result.changed)
                   .add("outcome", name_of(result.outcome))
                   .str());
  } else if (result.changed) {
    print_line("forgotten");
  } else {
    complain(fmt::format("no memory '{}' in namespace '{}'", printable(*id), printable(ns)));
  }
  flush_output();
  co_await explain_outcome(adapter, result);
  co_await shell->close(adapter, Use::write);
  co_return result.changed ? exit_ok : exit_nothing;
}

}  // namespace

void add_forget(CLI::App& app, Shell& shell) {
  auto id = std::make_shared<std::string>();
  auto* command = app.add_subcommand("forget", "Remove the memory of an id, here and wherever it is shared");
  command->add_option("ID", *id, "Its id")->required();
  command->footer("Example:\n  comem forget note-1");
  command->callback([&shell, id] { shell.select([&shell, id] { return run(&shell, id); }); });
}

}  // namespace comem::cli
