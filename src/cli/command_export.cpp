// comem export: memories as JSON lines that import reads.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_object.hpp"
#include "cli/namespaces.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/shell.hpp"
#include "memory/jsonl.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t page = 500;

struct Arguments {
  std::vector<std::string> namespaces;
  std::string output;
};

/// Where the lines go. A file gets its name only when it is complete, so that a failed export leaves an older
/// one alone.
class Lines {
 public:
  explicit Lines(std::string path) : path_(std::move(path)), part_(path_.empty() ? "" : path_ + ".part") {
    if (path_.empty()) return;
    file_ = std::fopen(part_.c_str(), "wbe");
    if (file_ == nullptr) throw Error(errc::unavailable, fmt::format("cannot write '{}'", part_));
  }
  ~Lines() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(part_.c_str());
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  void add(std::string line) {
    line += '\n';
    ++count_;
    if (file_ == nullptr) {
      print(line);
    } else if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) {
      throw Error(errc::unavailable, fmt::format("cannot write '{}'; is the disk full?", part_));
    }
  }

  void finish() {
    flush_output();
    if (file_ == nullptr) return;
    const bool written = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (!written || std::rename(part_.c_str(), path_.c_str()) != 0)
      throw Error(errc::unavailable, fmt::format("cannot write '{}'; is the disk full?", path_));
  }

  std::size_t count() const noexcept { return count_; }

 private:
  std::string path_, part_;
  std::FILE* file_ = nullptr;
  std::size_t count_ = 0;
};

std::uint64_t memories_of(const Stats& stats) {
  std::uint64_t memories = 0;
  for (const auto type : long_term_types)
    if (const auto place = stats.live.find(type); place != stats.live.end()) memories += place->second;
  return memories;
}

awaitable<bool> has_damaged(RedisMemoryAdapter* adapter) {
  const auto findings = co_await adapter->diagnose();
  co_return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.subject == "records" && finding.severity == Finding::Severity::error;
  });
}

awaitable<void> export_type(RedisMemoryAdapter* adapter, MemoryType type, Lines* lines, Progress* progress) {
  std::string after;
  while (!interrupt::requested()) {
    const auto memories = co_await adapter->list(type, page, after);
    if (memories.empty()) break;
    for (const auto& memory : memories) lines->add(memory::export_line(adapter->ns(), memory));
    after = common(memories.back()).id;
    progress->update(lines->count());
  }
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  shell->on_interrupt([] {});
  Options options = shell->options();
  auto root = co_await shell->open(options, Use::read);
  Namespaces namespaces(root, options);
  Lines lines(arguments->output);
  Progress progress("memories", shell->json());
  std::set<std::string> done;
  std::uint64_t missing = 0;
  arguments->namespaces.insert(arguments->namespaces.begin(), options.ns);
  for (const auto& ns : arguments->namespaces) {
    if (!done.insert(ns).second) continue;
    auto* adapter = co_await namespaces.of(ns);
    const auto before = co_await adapter->stats();
    const std::size_t first = lines.count();
    for (const auto type : long_term_types) co_await export_type(adapter, type, &lines, &progress);
    const auto after = co_await adapter->stats();
    // What others forget meanwhile is not missing.
    const std::uint64_t held = std::min(memories_of(before), memories_of(after));
    missing += held - std::min<std::uint64_t>(held, lines.count() - first);
  }
  progress.clear();
  if (interrupt::requested()) co_return exit_interrupted;
  lines.finish();
  if (!arguments->output.empty() && shell->json())
    print_line(JsonObject().add("exported", lines.count()).add("file", arguments->output).str());
  if (!shell->json()) complain(counted(lines.count(), "memory", "memories") + " exported");
  if (missing > 0) {  // or others wrote meanwhile: the file itself tells
    const bool damaged = co_await has_damaged(&root);
    if (!damaged) missing = 0;
  }
  if (missing > 0)
    complain(fmt::format("{} cannot be read and {} left out; see comem doctor",
                         counted(missing, "memory", "memories"), missing == 1 ? "was" : "were"));
  co_await shell->close(root, Use::read);
  co_return missing > 0 ? exit_store : exit_ok;
}

}  // namespace

void add_export(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("export", "Print memories as JSON lines, for import elsewhere");
  command->add_option("--also", arguments->namespaces, "A further namespace; may be repeated")
      ->type_name("NS")
      ->allow_extra_args(false);
  command->add_option("--output", arguments->output, "Write to this file, which appears when it is complete")
      ->type_name("FILE");
  command->footer(
      "Working memory and deleted memories are not exported.\n"
      "Examples:\n"
      "  comem export > backup.jsonl\n"
      "  comem export --namespace team-a --also team-b --output both.jsonl");
  command->callback(
      [&shell, arguments] { shell.select([&shell, arguments] { return run(&shell, arguments); }); });
}

}  // namespace comem::cli
