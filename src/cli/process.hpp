#pragma once
// Child programs, spoken to by lines over pipes. No shell is involved.

#include <comem/clock.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comem::cli {

/// Owns one child: its destructor closes the pipes, and kills and reaps a child that still runs. One thread.
class Process {
 public:
  /// Starts argv[0] (looked up in PATH). Its standard error goes to `stderr_file`, or to ours when that is
  /// empty; the system kills it should this program be killed. Throws Error(unavailable) naming the program.
  explicit Process(std::vector<std::string> argv, const std::string& stderr_file = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const noexcept { return pid_; }
  /// Descriptor of the child's standard output, to be read from; lives as long as this object.
  int output() const noexcept { return out_; }

  /// Sends a line to the child's standard input. Throws Error(unavailable) when the child is gone.
  void send(std::string_view line);
  /// The child's next line; empty when none came in time, at its end, or once an interrupt was requested.
  std::optional<std::string> receive(Milliseconds timeout);
  /// Tells the child that no more input comes.
  void close_input() noexcept;

  /// Waits for its end; answers the exit code, or 128 + signal.
  int wait();
  /// wait() for at most `timeout`; empty when it still runs then.
  std::optional<int> wait_for(Milliseconds timeout);
  void signal(int number) noexcept;

 private:
  std::optional<std::string> take_line();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::optional<int> exit_;
  std::string buffer_;
};

/// This very program, to be started again.
std::string own_program();
/// The full path of a program in PATH; empty when there is none.
std::string find_program(std::string_view name);

/// A new directory for temporary files, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace comem::cli
