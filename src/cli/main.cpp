// The program `comem`: an agent's memory from a terminal.

#include <CLI/CLI.hpp>

#include <sstream>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/words.hpp"

namespace {

void describe(CLI::App& app) {
  app.description("comem: memory for AI agents, in a file, shared through Redis or Valkey");
  app.footer(
      std::string("Begin with `comem demo`, or:\n"
                  "  comem add \"the build needs ninja\" --tag build\n"
                  "  comem search ninja\n"
                  "Each command has examples: comem COMMAND --help\n\n"
                  "Where there is no database yet, add and import make one. Reading commands refuse, but\n"
                  "with --redis they make one too and this host joins; export never does.\n\n") +
      comem::cli::exit_code_help);
  app.set_version_flag("--version", "comem " COMEM_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand anywhere
}

void add_commands(CLI::App& app, comem::cli::Shell& shell) {
  using namespace comem::cli;
  for (const auto add :
       {add_demo, add_add, add_search, add_context, add_get, add_list, add_forget, add_import, add_export,
        add_watch, add_stats, add_flush, add_digest, add_doctor, add_version, add_agent_process})
    add(app, shell);
}

/// An empty value is a script's unset variable far more often than it is meant.
void refuse_empty_values(CLI::App& app) {
  const auto full = [](std::string& value) {
    return value.empty() ? std::string("the value is empty; leave the option out, or give it one")
                         : std::string();
  };
  for (auto* option : app.get_options()) {
    if (option->get_items_expected_max() > 0 && !option->get_positional())
      option->check(CLI::Validator(full, ""));
  }
}

std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  const auto words = app.remaining();
  if (app.get_subcommands().empty() && !words.empty())
    return "there is no command '" + comem::cli::visible(words.front()) + "'";
  return error.what();
}

/// What the parser prints itself: help and version.
int answer_of_parser(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  app.exit(error, out, out);
  try {
    comem::cli::print(out.str());
    comem::cli::flush_output();
  } catch (const comem::cli::OutputFailed& failed) {
    if (failed.reader_gone) return comem::cli::exit_ok;
    comem::cli::complain(failed.what());
    return comem::cli::exit_store;
  }
  return comem::cli::exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "comem");
  comem::cli::Shell shell;
  describe(app);
  shell.add_global_options(app);
  add_commands(app, shell);
  app.allow_extras();  // the further words of texts; check_extras() refuses all others
  refuse_empty_values(app);
  for (auto* command : app.get_subcommands({})) refuse_empty_values(*command);
  try {
    app.parse(argc, argv);
    comem::cli::check_extras(app);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return answer_of_parser(app, error);
    comem::cli::complain(what_is_wrong(app, error) + " (see comem --help, comem COMMAND --help)");
    return comem::cli::exit_usage;
  }
  return shell.run();
}
