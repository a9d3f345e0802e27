// comem import: many memories from JSON lines, or a git history.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include "cli/bad_lines.hpp"
#include "cli/clean_text.hpp"
#include "cli/commands.hpp"
#include "cli/git_log.hpp"
#include "cli/import_line.hpp"
#include "cli/importer.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_object.hpp"
#include "cli/line_reader.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/shell.hpp"
#include "cli/slow_notice.hpp"
#include "cli/values.hpp"
#include "memory/jsonl.hpp"

namespace comem::cli {
namespace {

constexpr Milliseconds share_wait = std::chrono::seconds(5);

struct Arguments {
  std::string file, git, ttl;
  std::size_t batch = 1000, max_commits = 1'000'000;
  bool ack = false;
};

TimePoint now() {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

/// Never to expire. put_many() keeps an expiry as it is only for memories that say when they were made; where
/// that can be when they happened, every host that imports the same says the same.
void keep_for_ever(Incoming& incoming) {
  Memory& memory = common(incoming.memory);
  memory.expires_at = no_expiry;
  if (memory.created_at != TimePoint{}) return;
  const bool saved_then = is_save_time(memory.time, now()) && memory.time <= now();
  memory.created_at = saved_then ? memory.time : now();
  incoming.created_guessed = true;
}

void give_time_to_live(Incoming& incoming, Milliseconds ttl) {
  if (ttl == Milliseconds{0}) {
    keep_for_ever(incoming);
  } else {
    common(incoming.memory).expires_at = now() + ttl;
  }
}

/// Gives the memory of a line the expiry that the line, or else --ttl, says; without either it gets the
/// store's default.
void give_expiry(Incoming& incoming, const memory::Line& line, const std::optional<Milliseconds>& ttl) {
  if (line.ttl) {
    give_time_to_live(incoming, *line.ttl);
  } else if (line.has_expiry && common(incoming.memory).expires_at == no_expiry) {
    keep_for_ever(incoming);
  } else if (!line.has_expiry && ttl) {
    give_time_to_live(incoming, *ttl);
  }
}

/// One import: the source is read while what was read before is saved, a batch at a time.
class Import {
 public:
  Import(boost::asio::any_io_executor executor, const Shell& shell, const Arguments& arguments,
         Namespaces& namespaces)
      : arguments_(arguments),
        json_(shell.json()),
        progress_("memories", shell.json()),
        importer_(
            std::move(executor), namespaces, arguments.batch,
            [this](const std::string& id) { acknowledge(id); },
            [this](std::size_t line, const std::string& reason) {
              progress_.clear();
              bad_.add(line, reason);
            }) {
    if (!arguments.ttl.empty()) ttl_ = duration_value(arguments.ttl, "--ttl");
  }

  awaitable<void> lines(LineReader& input) {
    while (auto line = input.next()) {
      if (line->number == 1 && line->text.starts_with("\xef\xbb\xbf")) line->text.erase(0, 3);
      if (!line->too_long && is_blank(line->text)) continue;
      std::optional<Incoming> incoming = read(*line);
      if (incoming) co_await importer_.add(std::move(*incoming));
      // A writer that waits for its acknowledgement sends no more: what is here must not wait for a full
      // batch.
      if (!importer_.empty() && !input.ready()) co_await importer_.finish();
      progress_.update(report().taken());
    }
    co_await importer_.finish();
  }

  awaitable<void> commits(GitLog& log) {
    std::size_t place = 0;
    while (auto commit = log.next()) {
      AnyMemory memory = std::move(*commit);
      Incoming incoming({}, std::move(memory), ++place);
      give_time_to_live(incoming, ttl_.value_or(Milliseconds{0}));
      co_await importer_.add(std::move(incoming));
      progress_.update(report().taken());
    }
    co_await importer_.finish();
  }

  /// Nothing of it is under way afterwards, whatever happened.
  awaitable<void> join() { co_await importer_.join(); }

  void finish() {
    progress_.clear();
    bad_.summarise("line", "lines");
  }

  const ImportReport& report() const { return importer_.report(); }
  const Progress& progress() const { return progress_; }

 private:
  std::optional<Incoming> read(const LineReader::Line& line) {
    try {
      if (line.too_long)
        throw Error(errc::limit_exceeded, fmt::format("longer than {} bytes", memory::max_line_bytes));
      auto parsed = memory::parse_line(line.text);
      check_import(parsed.memory, now());
      Memory& memory = common(parsed.memory);
      if (memory.id.empty()) memory.id = id_of_content(parsed.memory);
      Incoming incoming(parsed.ns, std::move(parsed.memory), line.number);
      give_expiry(incoming, parsed, ttl_);
      return incoming;
    } catch (const Error& error) {
      importer_.refuse(line.number, error.what());
      return std::nullopt;
    }
  }

  void acknowledge(const std::string& id) {
    if (!arguments_.ack) return;
    print_line(json_ ? JsonObject().add_id("id", id).str() : id_on_a_line(id, false));
    flush_output();
  }

  const Arguments& arguments_;
  const bool json_;
  std::optional<Milliseconds> ttl_;
  BadLines bad_;
  Progress progress_;
  Importer importer_;
};

void summarise(const Import& import, bool json, bool ack) {
  const auto& report = import.report();
  const auto total = report.taken() - report.bad;
  std::string text;
  if (json) {
    text = JsonObject()
               .add("added", report.added)
               .add("updated", report.updated)
               .add("unchanged", report.unchanged)
               .add("expired", report.expired)
               .add("bad", report.bad)
               .add("seconds", import.progress().elapsed().count())
               .add("per_s", import.progress().rate(total))
               .str();
  } else {
    text =
        fmt::format("{} added, {} updated, {} unchanged, {} expired, {} bad, in {:.2f} s ({:.0f} per second)",
                    report.added, report.updated, report.unchanged, report.expired, report.bad,
                    import.progress().elapsed().count(), import.progress().rate(total));
  }
  if (ack) {
    complain(text);  // standard output holds nothing but ids
  } else {
    print_line(text);
  }
  flush_output();
}

void check_arguments(const Arguments& arguments) {
  if (arguments.file.empty() == arguments.git.empty())
    throw Error(errc::invalid_argument,
                "import what? Give either FILE.jsonl (- for standard input) or --git DIR");
  if (!arguments.ttl.empty()) duration_value(arguments.ttl, "--ttl");
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  check_arguments(*arguments);
  shell->on_interrupt([] {});  // the batch at hand is finished
  std::optional<LineReader> input;
  std::optional<GitLog> log;
  if (arguments->git.empty()) {
    input.emplace(arguments->file, memory::max_line_bytes);
  } else {
    log.emplace(arguments->git, arguments->max_commits);
  }
  Options options = shell->options();
  const bool shares = options.backend == Backend::redis;
  auto root = co_await shell->open(options, Use::write);
  Namespaces namespaces(root, options);
  const auto executor = co_await boost::asio::this_coro::executor;
  Import import(executor, *shell, *arguments, namespaces);
  std::exception_ptr failure;
  try {
    if (input) co_await import.lines(*input);
    if (log) co_await import.commits(*log);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await import.join();
  if (failure) std::rethrow_exception(failure);
  import.finish();
  summarise(import, shell->json(), arguments->ack);
  if (shares && root.redis_available() && !interrupt::requested()) {
    const SlowNotice notice(executor, sharing_notice, !shell->json());
    const bool flushed = co_await namespaces.flush(share_wait);
    if (!flushed) complain("not everything is shared yet; the rest follows with the next comem on this file");
  }
  co_await shell->close(root, Use::write);
  if (interrupt::requested()) co_return exit_interrupted;
  co_return import.report().bad > 0 ? exit_nothing : exit_ok;
}

}  // namespace

void add_import(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command =
      app.add_subcommand("import", "Save memories from JSON lines, or the commits of a git repository");
  command->add_option("FILE", arguments->file, "One memory a line; - reads standard input");
  command->add_option("--git", arguments->git, "Import the history of the repository in this directory")
      ->type_name("DIR");
  command->add_option("--max-commits", arguments->max_commits, "With --git: only the newest")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
  command->add_flag("--ack", arguments->ack, "Print each id on a line once its memory is safe");
  command->add_option("--batch", arguments->batch, "Memories gathered before they are saved (1000)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}));
  command->add_option("--ttl", arguments->ttl, "Time to live of lines that name none; 0: never")
      ->type_name("TIME");
  command->footer(
      "A line is an object with \"text\" and, as you like, \"id\", \"ns\" (namespace), \"kind\" (episode,\n"
      "semantic, skill, document), \"speaker\", \"session\", \"turn\", \"ts\" (ISO 8601), \"tags\", "
      "\"ttl_ms\";\n"
      "other fields are kept. A line without an id gets one from its content, so that importing again\n"
      "changes nothing; only a time to live begins anew. Lines that expired before are counted and left "
      "out.\n"
      "Bad lines are shown by number and left out; the exit code is then 1.\n"
      "Examples:\n"
      "  comem import memories.jsonl\n"
      "  producer | comem import - --ack\n"
      "  comem import --git . --namespace project");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
