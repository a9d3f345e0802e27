#include "cli/shell.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstdio>

#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/slow_notice.hpp"
#include "cli/values.hpp"

namespace comem::cli {
namespace asio = boost::asio;
namespace {

int explain(const std::exception_ptr& failure, bool verbose) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    complain(error.what());
    if (verbose && !error.server_text().empty()) complain("the server said: " + visible(error.server_text()));
    return exit_code_of(error.code());
  } catch (const OutputFailed& failed) {
    if (failed.reader_gone) return exit_ok;
    complain(failed.what());
    return exit_store;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted && interrupt::requested()) return exit_interrupted;
    complain(error.what());
    return exit_store;
  } catch (const std::exception& error) {
    complain(error.what());
    return exit_store;
  }
}

void log_to_stderr(LogLevel level, std::string_view line) {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  complain(fmt::format("{}: {}", names[static_cast<int>(level)], visible(line)));
}

void log_nowhere(LogLevel, std::string_view) {}

}  // namespace

bool has_database(const std::string& path) {
  if (path == ":memory:") return true;
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return false;
  if (!S_ISREG(status.st_mode) || status.st_size > 0) return true;
  // What a killed writer left may stand in the log alone.
  return ::stat((path + "-wal").c_str(), &status) == 0 && status.st_size > 0;
}

void Shell::add_global_options(CLI::App& app) {
  app.add_option("--db", globals.db, "Database file, or :memory: (COMEM_DB; comem.db)")->type_name("FILE");
  app.add_option("--redis", globals.redis,
                 "Share through this Redis or Valkey: redis://, rediss:// or unix:// URL; off: not at all "
                 "(REDIS_URL)")
      ->type_name("URL");
  app.add_option("--namespace", globals.ns, "Namespace (COMEM_NAMESPACE; default)")->type_name("NS");
  app.add_option("--agent", globals.agent, "Id of the agent that acts (COMEM_AGENT_ID; agent)")
      ->type_name("ID");
  app.add_option("--level", globals.level,
                 "Safety of writes: local, durable, shared or replicated (COMEM_LEVEL; durable)")
      ->type_name("LEVEL");
  app.add_flag("--json", globals.json, "Print JSON, one object a line, and nothing else");
  app.add_flag("--verbose", globals.verbose, "Log to standard error what the library does");
}

Options Shell::options() const {
  Options options = Options::from_environment();
  if (!globals.db.empty()) options.database = globals.db;
  if (!globals.ns.empty()) options.ns = globals.ns;
  if (!globals.agent.empty()) options.agent_id = globals.agent;
  if (!globals.level.empty()) options.level = level_value(globals.level, "--level");
  if (globals.redis == "off") {
    options.backend = Backend::sqlite;
  } else if (!globals.redis.empty()) {
    options.backend = Backend::redis;
    options.redis_url = globals.redis;
    if (globals.redis.find('@') != std::string::npos) {  // the URL names its own user
      options.redis_username.clear();
      options.redis_password.clear();
    }
  }
  options.track_access = false;  // looking at memories from a terminal or a script is no use of them
  if (globals.verbose) {
    options.log = log_to_stderr;
  } else {
    options.log = log_nowhere;  // errors are told by the commands, in their own words
  }
  return options;
}

awaitable<RedisMemoryAdapter> Shell::open(Options options, Use use) const {
  const bool makes = use == Use::write || (use == Use::join && options.backend == Backend::redis);
  if (!makes && !has_database(options.database))
    throw Error(
        errc::unavailable,
        fmt::format("there is no database '{}' yet; comem add or comem import makes one, --db names another",
                    options.database));
  auto memory = co_await create_memory_adapter(std::move(options));
  co_return memory;
}

awaitable<void> Shell::close(RedisMemoryAdapter& memory, Use use) const {
  const bool shares = use == Use::write && memory.redis_available();
  const auto executor = co_await asio::this_coro::executor;
  const SlowNotice notice(executor, sharing_notice, shares && !globals.json);
  co_await memory.close(shares ? Milliseconds(2000) : Milliseconds(0));
}

int Shell::run() {
  interrupt::install();
  asio::io_context context(1);
  asio::cancellation_signal cancel;
  on_interrupt_ = [&cancel] { cancel.emit(asio::cancellation_type::terminal); };
  asio::posix::stream_descriptor signals(context, ::dup(interrupt::descriptor()));
  signals.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error) on_interrupt_();
                     });

  int code = exit_ok;
  std::exception_ptr failure;
  asio::co_spawn(
      context, command_(),
      asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error, int result) {
        failure = error;
        code = result;
        signals.close();
        context.stop();
      }));
  context.run();
  if (failure) code = explain(failure, globals.verbose);
  try {
    flush_output();
  } catch (...) {
    if (!failure) code = explain(std::current_exception(), globals.verbose);
  }
  return code;
}

std::string_view name_of(Outcome outcome) noexcept {
  return outcome == Outcome::ok ? "ok" : "pending";
}

awaitable<void> explain_outcome(RedisMemoryAdapter& memory, WriteResult result) {
  if (result.outcome == Outcome::ok) co_return;
  const Stats stats = co_await memory.stats();  // costs something; only now is it needed
  const auto& relay = stats.relay;
  if (relay.state == RelayState::off) {
    complain("saved here only: this level needs a Redis, and none is configured (--redis, REDIS_URL)");
  } else if (is_linked(relay.state) && relay.reason.empty() && stats.unshared == 0) {
    complain(
        fmt::format("saved here and in Redis at {}, but no replica of it has answered in time, which level "
                    "replicated waits for",
                    relay.endpoint));
  } else {
    complain(fmt::format(
        "saved here, to be shared later: Redis at {} {}", relay.endpoint,
        relay.reason.empty() ? "has not answered in time" : "is not reached (" + relay.reason + ")"));
  }
}

}  // namespace comem::cli
