#pragma once
// The commands of the program, each in a file of its own.

namespace CLI {
class App;
}

namespace comem::cli {

class Shell;

/// Each adds its command to `app`; `shell` must outlive it.
void add_add(CLI::App& app, Shell& shell);
void add_get(CLI::App& app, Shell& shell);
void add_list(CLI::App& app, Shell& shell);
void add_forget(CLI::App& app, Shell& shell);
void add_search(CLI::App& app, Shell& shell);
void add_context(CLI::App& app, Shell& shell);
void add_import(CLI::App& app, Shell& shell);
void add_export(CLI::App& app, Shell& shell);
void add_stats(CLI::App& app, Shell& shell);
void add_flush(CLI::App& app, Shell& shell);
void add_watch(CLI::App& app, Shell& shell);
void add_digest(CLI::App& app, Shell& shell);
void add_doctor(CLI::App& app, Shell& shell);
void add_demo(CLI::App& app, Shell& shell);
void add_version(CLI::App& app, Shell& shell);
/// Not shown in the help: the other end of the demo's second part.
void add_agent_process(CLI::App& app, Shell& shell);

}  // namespace comem::cli
