// comem demo: the whole of comem in half a minute, on real input. Everything shown really happens.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <filesystem>

#include "cli/commands.hpp"
#include "cli/demo/agent_task.hpp"
#include "cli/demo/private_server.hpp"
#include "cli/demo/report.hpp"
#include "cli/demo/sharing.hpp"
#include "cli/demo/sources.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "cli/shell.hpp"

namespace comem::cli {
namespace {

struct Arguments {
  std::string directory = ".";
  bool no_redis = false;
};

/// A fresh store, whatever the environment says.
Options demo_options(const TemporaryDirectory& scratch) {
  Options options;
  options.database = scratch.file("demo.db");
  options.ns = "demo";
  options.agent_id = "demo-agent";
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

awaitable<void> remember_and_ask(const TemporaryDirectory* scratch, std::string directory, Report* report) {
  auto memory = co_await create_memory_adapter(demo_options(*scratch));
  const auto sources = co_await import_sources(&memory, std::move(directory), report);
  co_await ask_questions(&memory, &sources, report);
  co_await work_on_task(&memory, report);
  co_await show_context(&memory, report);
  co_await memory.close();
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  if (!std::filesystem::is_directory(arguments->directory))
    throw Error(errc::invalid_argument, fmt::format("'{}' is no directory", visible(arguments->directory)));
  Report report(shell->json());
  const Stopwatch watch;
  const TemporaryDirectory scratch;
  co_await remember_and_ask(&scratch, arguments->directory, &report);
  const auto server = arguments->no_redis ? std::string() : installed_server();
  if (!server.empty()) {
    show_sharing(server, scratch.path(), report);
  } else if (!arguments->no_redis) {
    report.say("No redis-server or valkey-server is installed, so sharing between processes is not shown.");
  }
  report.heading(fmt::format("{} of {} things happened as they should, in {:.1f} s",
                             report.expected() - report.failed(), report.expected(), watch.ms() / 1000));
  co_return report.failed() == 0 ? exit_ok : exit_nothing;
}

}  // namespace

void add_demo(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("demo", "Show what comem does, on the repository you stand in");
  command
      ->add_option("--directory", arguments->directory,
                   "A git repository to remember (the current directory)")
      ->type_name("DIR");
  command->add_flag("--no-redis", arguments->no_redis, "Leave out the part with two agents and a Redis");
  command->footer(
      "Uses a temporary store and, where one is installed, a Redis server of its own; leaves nothing "
      "behind.\n"
      "The exit code is 1 when anything did not happen as it should.");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
