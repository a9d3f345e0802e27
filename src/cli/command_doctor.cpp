// comem doctor: what is wrong, and how to mend it.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/slow_notice.hpp"

namespace comem::cli {
namespace {

using Severity = Finding::Severity;

constexpr Milliseconds repair_time = std::chrono::seconds(60);
constexpr Milliseconds digest_time = std::chrono::seconds(2);     // for what is on its way
constexpr Milliseconds embedding_time = std::chrono::seconds(3);  // for the service to answer once

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return "ok";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "unknown";
}

void show(const Finding& finding, bool json) {
  if (json) {
    print_line(JsonObject()
                   .add("subject", finding.subject)
                   .add("severity", name_of(finding.severity))
                   .add("text", finding.text)
                   .add("remedy", finding.remedy)
                   .str());
    return;
  }
  const auto colour = finding.severity == Severity::ok ? style().good : style().bad;
  print_line(fmt::format("{}{:<8}{} {:<10} {}", colour, name_of(finding.severity), style().off,
                         finding.subject, visible(finding.text)));
  if (!finding.remedy.empty()) print_line(fmt::format("{:>20}mend it: {}", "", visible(finding.remedy)));
}

/// What keeps the store from being opened at all is a finding like any other.
Finding from_error(const Error& error, bool set_aside) {
  Finding finding;
  finding.severity = Severity::error;
  finding.subject = error.code() == make_error_code(errc::invalid_argument) ? "options" : "database";
  finding.text = error.what();
  if (finding.subject == "options") {
    finding.remedy = "correct the option or environment variable that it names";
  } else if (error.code() == make_error_code(errc::unsupported)) {
    finding.remedy = "use the newer comem that wrote the file, or another file with --db";
  } else if (set_aside) {
    finding.remedy =
        "what is there cannot be told from somebody else's file, and stays: if it was comem's, rename it by "
        "hand with "
        "its -wal file; the next write begins a new one";
  } else {
    finding.remedy =
        "check the path and its permissions; restore the file from a copy, or, where it is damaged, begin a "
        "new "
        "one with comem doctor --set-aside (what was shared comes back from Redis)";
  }
  return finding;
}

Finding no_database(const std::string& path) {
  Finding finding;
  finding.severity = Severity::warning;
  finding.subject = "database";
  finding.text = fmt::format("there is no database '{}' yet", path);
  finding.remedy =
      "nothing, if that is the right place: the first write makes it; else name the file with --db";
  return finding;
}

struct Arguments {
  bool repair = false;
  bool set_aside = false;
};

bool is_error(const Finding& finding) {
  return finding.severity == Severity::error;
}

/// Whether store and Redis hold the same. `refuses`: something is wrong that keeps Redis from taking writes.
Finding from_digest(const DigestReport& report, bool refuses) {
  Finding finding;
  finding.subject = "digest";
  finding.side = Finding::Side::redis;
  if (report.equal()) {
    finding.text = fmt::format("store and Redis hold the same {} ({})",
                               counted(report.store.records(), "record", "records"), report.store.hash());
    return finding;
  }
  finding.severity = Severity::warning;
  if (!report.redis) {
    finding.severity = Severity::error;
    finding.text = fmt::format("store and Redis could not be compared: {}", report.reason);
    finding.remedy = "see what is said of redis";
    return finding;
  }
  finding.text = fmt::format("store and Redis differ: {} here, {} there, {} not shared yet",
                             counted(report.store.records(), "record", "records"), report.redis->records(),
                             counted(report.unshared, "write is", "writes are"));
  finding.remedy = report.unshared > 0 ? "comem flush, and look again" : "comem doctor --repair";
  if (report.unshared > 0 && refuses) finding.remedy = "first what is said above of Redis, then comem flush";
  return finding;
}

Finding from_repair(const RepairReport& report) {
  Finding finding;
  finding.subject = "repair";
  if (!report.after.equal()) {
    finding.severity = Severity::error;
    finding.text = fmt::format("store and Redis still differ{}{}", report.after.reason.empty() ? "" : ": ",
                               report.after.reason);
    finding.remedy = report.after.redis ? "repair again when nobody writes; what stays different cannot be "
                                          "read in Redis, or not here: repair "
                                          "from the store that wrote it"
                                        : "follow what is said of redis, then repair again";
    return finding;
  }
  finding.text =
      report.buckets == 0
          ? std::string("there was nothing to mend")
          : fmt::format("{} sent to Redis, {} taken from it, {} with two contents settled",
                        counted(report.pushed, "record", "records"), report.pulled, report.rewritten);
  return finding;
}

/// The damaged databases that were set aside beside this one, by name.
std::set<std::string> set_aside_files(const std::string& database) {
  std::set<std::string> names;
  const std::filesystem::path path(database);
  const auto prefix = path.filename().string() + ".corrupt-";
  std::error_code ignored;
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    auto name = entry.path().filename().string();
    if (name.starts_with(prefix)) names.insert(std::move(name));
  }
  return names;
}

Finding was_set_aside(const std::string& name) {
  Finding finding;
  finding.severity = Severity::warning;
  finding.subject = "database";
  finding.text = fmt::format("it was damaged and is now '{}'; a new one was begun", name);
  finding.remedy =
      "with Redis, comem flush fetches what was shared; delete the old file when it is no longer wanted";
  return finding;
}

/// What an embedding service has to say within a moment.
Finding from_embedding(const EmbeddingStats& embedding) {
  Finding finding;
  finding.subject = "embedding";
  if (embedding.missing == 0) {
    finding.text = fmt::format("all memories have a vector of {}", embedding.model);
    return finding;
  }
  finding.severity = Severity::warning;
  finding.text = fmt::format("{} no vector of {}", counted(embedding.missing, "memory has", "memories have"),
                             embedding.model);
  finding.remedy = "comem flush --timeout 10m waits for them";
  if (embedding.working || embedding.last_error.empty()) return finding;
  finding.text += ": " + embedding.last_error;
  finding.remedy = "mend that, then comem flush --timeout 10m; until then words find what they find";
  return finding;
}

awaitable<std::vector<Finding>> examine(Shell* shell, const Arguments arguments) {
  std::vector<Finding> findings;
  Options options = shell->options();
  const bool shares = options.backend == Backend::redis;
  if (arguments.repair && !shares)
    throw Error(errc::invalid_argument, "--repair needs a Redis to compare with (--redis, REDIS_URL)");
  const bool missing = !has_database(options.database);
  if (missing) {
    findings.push_back(no_database(options.database));
    options.database = ":memory:";  // Redis is looked at all the same, and no file is made
  }
  options.set_aside_corrupt = options.set_aside_corrupt || arguments.set_aside;
  const std::string database = options.database;
  const auto before = set_aside_files(database);
  auto adapter = co_await shell->open(std::move(options), Use::read);
  for (const auto& name : set_aside_files(database))
    if (!before.contains(name)) findings.push_back(was_set_aside(name));
  if (arguments.repair) {  // first, so that what is found is what is left
    const auto executor = co_await boost::asio::this_coro::executor;
    const SlowNotice notice(executor, "repairing, for a minute at most...", !shell->json());
    const auto report = co_await adapter.repair(repair_time);
    findings.push_back(from_repair(report));
  }
  auto found = co_await adapter.diagnose();
  for (auto& finding : found) {
    if (!missing || finding.side == Finding::Side::redis) findings.push_back(std::move(finding));
  }
  if (!missing) {
    co_await adapter.wait_for_vectors(embedding_time);
    const auto stats = co_await adapter.stats();
    if (stats.embedding.on) findings.push_back(from_embedding(stats.embedding));
  }
  if (shares && !missing && adapter.redis_available()) {
    const auto report = co_await adapter.digest(digest_time);
    const bool refuses = std::any_of(findings.begin(), findings.end(), is_error);
    findings.push_back(from_digest(report, refuses));
  }
  co_await shell->close(adapter, Use::read);
  co_return findings;
}

int code_of(const Finding& finding) {
  if (finding.severity == Severity::warning && finding.subject == "digest")
    return exit_nothing;  // they differ
  if (!is_error(finding)) return exit_ok;
  if (finding.subject == "options") return exit_usage;
  if (finding.subject == "repair") return exit_nothing;
  return finding.side == Finding::Side::store ? exit_store : exit_redis;
}

/// Of several, that of what must be mended first.
int exit_code_for(const std::vector<Finding>& findings) {
  std::set<int> codes;
  for (const auto& finding : findings) codes.insert(code_of(finding));
  for (const int code : {exit_usage, exit_store, exit_redis, exit_nothing})
    if (codes.contains(code)) return code;
  return exit_ok;
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  std::vector<Finding> findings;
  try {
    findings = co_await examine(shell, *arguments);
  } catch (const Error& error) {
    findings.push_back(from_error(error, arguments->set_aside));
  }
  for (const auto& finding : findings) show(finding, shell->json());
  co_return exit_code_for(findings);
}

}  // namespace

void add_doctor(CLI::App& app, Shell& shell) {
  auto* command =
      app.add_subcommand("doctor", "Check the database, Redis and the clocks, and say how to mend them");
  auto arguments = std::make_shared<Arguments>();
  command->add_flag("--repair", arguments->repair,
                    "Make this store and Redis hold the same: the newer version of every record wins");
  command->add_flag("--set-aside", arguments->set_aside,
                    "Rename a damaged database and begin a new one, which Redis fills; it is never deleted");
  command->footer(
      "Exit codes: 0 all is well, or warnings alone; 1 store and Redis differ; 3 the database is damaged; 4 "
      "Redis.\n"
      "Examples:\n  comem doctor\n  comem doctor --redis redis://localhost --json\n"
      "  comem doctor --redis redis://localhost --repair");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
