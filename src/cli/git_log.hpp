#pragma once
// The history of a git repository as memories.

#include <comem/any_memory.hpp>

#include <optional>
#include <string>
#include <vector>

#include "cli/process.hpp"

namespace comem::cli {

inline constexpr std::size_t max_files_of_commit = 200;

/// The commits that HEAD reaches, newest first, read while git writes them. Blocks.
class GitLog {
 public:
  /// Throws Error(unavailable) when git is not installed.
  GitLog(const std::string& directory, std::size_t max_commits);
  ~GitLog();

  /// The next commit as an episode: id = hash, author, time, content = message, tags = the first 200 files
  /// touched; it never expires. Empty at the end, or once an interrupt was requested. Throws
  /// Error(invalid_argument) with what git said when the directory is no repository or has no commit.
  std::optional<Episode> next();

 private:
  std::optional<std::string> token();
  bool fill();
  void check_end();

  TemporaryDirectory directory_;
  std::string mark_;  ///< begins a commit; random, so that no message or file name can pass for it
  std::string repository_;
  Process git_;
  std::string buffer_;
  std::size_t position_ = 0;
  bool ended_ = false;
  bool at_commit_ = false;
};

/// Root directory of the repository that `directory` is in; empty when there is none, or no git.
std::string repository_root(const std::string& directory);
/// Files that git tracks with this name ending ("*.md"), relative to the root; at most `limit`.
std::vector<std::string> tracked_files(const std::string& root, const std::string& pattern,
                                       std::size_t limit);

}  // namespace comem::cli
