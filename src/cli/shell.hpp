#pragma once
// What all commands share: global options, the event loop, interrupts, errors as exit codes.

#include <comem/adapter.hpp>

#include <functional>
#include <string>

#include "cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace comem::cli {

struct Globals {
  std::string db, redis, ns, agent, level;  ///< empty: as the environment says
  bool json = false;
  bool verbose = false;
};

/// What a command does with the database.
enum class Use {
  read,   ///< a missing database is an error; nothing to share at the end
  join,   ///< reads; a missing database is an error too, unless there is a Redis to fill it from
  write,  ///< creates a missing database; shares at the end what Redis takes within two seconds
};

/// One run of the program: one command is selected while the command line is parsed, then run() runs it.
class Shell {
 public:
  using Command = std::function<awaitable<int>()>;

  Globals globals;

  void add_global_options(CLI::App& app);
  void select(Command command) { command_ = std::move(command); }
  /// Runs the selected command to its end; answers the exit code. Errors are one line on standard error.
  int run();

  bool json() const noexcept { return globals.json; }
  /// From the environment, overridden by the global options. Throws Error(invalid_argument).
  Options options() const;

  /// Opens the adapter. Throws Error.
  awaitable<RedisMemoryAdapter> open(Options options, Use use) const;
  /// Closes it; waits for Redis only after writes and only while the link is up.
  awaitable<void> close(RedisMemoryAdapter& memory, Use use) const;

  /// By default an interrupt cancels the command. A command that can finish in order sets its own function
  /// (which runs on the command's thread) and then looks at interrupt::requested().
  void on_interrupt(std::function<void()> function) { on_interrupt_ = std::move(function); }

 private:
  Command command_;
  std::function<void()> on_interrupt_;
};

/// Whether there is a database to read. An empty file is none yet; ":memory:" always is one.
bool has_database(const std::string& path);
/// Tells a person, on standard error, that a write waits for Redis. Nothing for other outcomes.
awaitable<void> explain_outcome(RedisMemoryAdapter& memory, WriteResult result);
std::string_view name_of(Outcome outcome) noexcept;

}  // namespace comem::cli
