#include "cli/git_log.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>

#include "cli/clean_text.hpp"
#include "cli/interrupt.hpp"
#include "core/ids.hpp"
#include "memory/check.hpp"
#include "memory/timestamps.hpp"

namespace comem::cli {
namespace {

/// More of one message or file name than this is not kept.
constexpr std::size_t max_token = memory::max_content_bytes;

std::vector<std::string> log_command(const std::string& directory, const std::string& mark,
                                     std::size_t max_commits) {
  return {"git",
          "-C",
          directory,
          "-c",
          "log.showSignature=false",
          "log",
          "-z",
          "--name-only",
          "--no-renames",
          "--no-color",
          "--no-ext-diff",
          "--no-notes",
          "--encoding=UTF-8",
          fmt::format("--max-count={}", max_commits),
          fmt::format("--format=%x00{}%x00%H%x00%aN%x00%at%x00%B%x00", mark),
          "HEAD",
          "--"};
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return clean_text(line, 300);
}

std::string trimmed(std::string text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= 0x20) text.pop_back();
  return text;
}

TimePoint commit_time(std::string_view seconds) {
  std::int64_t value = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  const auto bound = memory::latest_time.time_since_epoch().count() / 1000;
  return TimePoint{Milliseconds{std::clamp<std::int64_t>(value, -bound / 10, bound) * 1000}};
}

}  // namespace

GitLog::GitLog(const std::string& directory, std::size_t max_commits)
    : mark_("comem-" + make_random_id()),
      repository_(directory),
      git_(log_command(directory, mark_, max_commits), directory_.file("errors")) {
  git_.close_input();
}

GitLog::~GitLog() = default;

bool GitLog::fill() {
  pollfd waited[2] = {{git_.output(), POLLIN, 0}, {interrupt::descriptor(), POLLIN, 0}};
  ::poll(waited, 2, -1);
  if (interrupt::requested()) return false;
  std::array<char, 65536> bytes;
  const auto count = ::read(git_.output(), bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) {
    ended_ = true;
    return false;
  }
  buffer_.erase(0, position_);
  position_ = 0;
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> GitLog::token() {
  std::string text;
  for (;;) {
    const auto end = buffer_.find('\0', position_);
    const auto stop = end == std::string::npos ? buffer_.size() : end;
    text.append(buffer_, position_, std::min(stop - position_, max_token - text.size()));
    position_ = stop;
    if (end != std::string::npos) {
      ++position_;
      return text;
    }
    if (ended_ || (!fill() && !ended_)) break;
  }
  if (!ended_ || text.empty()) return std::nullopt;
  return text;
}

void GitLog::check_end() {
  if (!ended_ || git_.wait() == 0) return;
  const auto said = first_line(directory_.file("errors"));
  throw Error(errc::invalid_argument, fmt::format("git cannot read the history of '{}': {}", repository_,
                                                  said.empty() ? "it failed without a word" : said));
}

std::optional<Episode> GitLog::next() {
  while (!at_commit_) {
    const auto part = token();
    if (!part) {
      check_end();
      return std::nullopt;
    }
    at_commit_ = *part == mark_;
  }
  at_commit_ = false;
  std::array<std::string, 4> fields;
  for (auto& field : fields) {
    auto part = token();
    if (!part) return std::nullopt;
    field = std::move(*part);
  }
  Episode commit;
  commit.id = fields[0];
  commit.author = clean_text(fields[1], memory::max_short_bytes);
  commit.time = commit_time(fields[2]);
  commit.content = trimmed(clean_text(fields[3], memory::max_content_bytes));
  if (commit.content.empty()) commit.content = "(no message)";
  while (auto part = token()) {
    if (*part == mark_) {
      at_commit_ = true;
      break;
    }
    const bool first = part->starts_with('\n');  // git ends the message's part of a record with a newline
    auto file = clean_text(std::string_view(*part).substr(first ? 1 : 0), memory::max_short_bytes);
    if (!file.empty() && commit.tags.size() < max_files_of_commit) commit.tags.push_back(std::move(file));
  }
  if (interrupt::requested()) return std::nullopt;  // it may lack some of its files
  return commit;
}

std::string repository_root(const std::string& directory) {
  try {
    const TemporaryDirectory scratch;
    Process git({"git", "-C", directory, "rev-parse", "--show-toplevel"}, scratch.file("errors"));
    auto root = git.receive(Milliseconds(5000));
    return git.wait_for(Milliseconds(5000)) == 0 && root ? *root : std::string();
  } catch (const Error&) {
    return {};
  }
}

std::vector<std::string> tracked_files(const std::string& root, const std::string& pattern,
                                       std::size_t limit) {
  const TemporaryDirectory scratch;
  Process git({"git", "-C", root, "-c", "core.quotePath=false", "ls-files", "--", pattern},
              scratch.file("errors"));
  std::vector<std::string> files;
  while (files.size() < limit) {
    auto file = git.receive(Milliseconds(10'000));
    if (!file) break;
    files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace comem::cli
