#include "cli/process.hpp"

#include <comem/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "cli/interrupt.hpp"

namespace comem::cli {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(errc::unavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return {ends[0], ends[1]};
}

void close_descriptor(int& descriptor) noexcept {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

/// In the child: nothing but calls that are safe after fork.
[[noreturn]] void become(char* const* argv, int input, int output, int errors, int report, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  if (errors >= 0) ::dup2(errors, STDERR_FILENO);
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &usual, nullptr);
  ::execvp(argv[0], argv);
  const int reason = errno;
  [[maybe_unused]] const auto written = ::write(report, &reason, sizeof reason);
  ::_exit(127);
}

int exit_code_from(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Process::Process(std::vector<std::string> argv, const std::string& stderr_file) {
  std::vector<char*> raw;
  for (auto& argument : argv) raw.push_back(argument.data());
  raw.push_back(nullptr);
  int errors = -1;
  if (!stderr_file.empty()) {
    errors = ::open(stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (errors < 0) throw Error(errc::unavailable, fmt::format("cannot write '{}'", stderr_file));
  }
  Pipe to = make_pipe();
  Pipe from = make_pipe();
  Pipe report = make_pipe();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(raw.data(), to.read_end, from.write_end, errors, report.write_end, parent);
  const int fork_error = errno;
  close_descriptor(to.read_end);
  close_descriptor(from.write_end);
  close_descriptor(report.write_end);
  close_descriptor(errors);
  in_ = to.write_end;
  out_ = from.read_end;
  int reason = pid_ < 0 ? fork_error : 0;
  if (pid_ > 0 && ::read(report.read_end, &reason, sizeof reason) != sizeof reason) reason = 0;
  close_descriptor(report.read_end);
  if (reason == 0) return;
  if (pid_ > 0) wait();
  close_descriptor(in_);
  close_descriptor(out_);
  throw Error(errc::unavailable, fmt::format("cannot start {}: {}", argv.front(), std::strerror(reason)));
}

Process::~Process() {
  close_descriptor(in_);
  close_descriptor(out_);
  if (pid_ > 0 && !exit_) {
    signal(SIGKILL);
    wait();
  }
}

void Process::send(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  std::size_t sent = 0;
  while (sent < text.size()) {
    const auto count = ::write(in_, text.data() + sent, text.size() - sent);
    if (count < 0 && errno == EINTR && !interrupt::requested()) continue;
    if (count < 0) interrupt::check();
    if (count < 0) throw Error(errc::unavailable, fmt::format("process {} does not listen any more", pid_));
    sent += static_cast<std::size_t>(count);
  }
}

std::optional<std::string> Process::take_line() {
  const auto end = buffer_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

std::optional<std::string> Process::receive(Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    if (auto line = take_line()) return line;
    if (interrupt::requested()) return std::nullopt;
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd waited[2] = {{out_, POLLIN, 0}, {interrupt::descriptor(), POLLIN, 0}};
    if (::poll(waited, 2, static_cast<int>(left.count()) + 1) <= 0 || waited[0].revents == 0) continue;
    std::array<char, 4096> bytes;
    const auto count = ::read(out_, bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return std::nullopt;
    if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

void Process::close_input() noexcept {
  close_descriptor(in_);
}

void Process::signal(int number) noexcept {
  if (pid_ > 0 && !exit_) ::kill(pid_, number);
}

int Process::wait() {
  int status = 0;
  while (!exit_) {
    const auto answered = ::waitpid(pid_, &status, 0);
    if (answered == pid_) exit_ = exit_code_from(status);
    if (answered < 0 && errno != EINTR) exit_ = 127;
  }
  return *exit_;
}

std::optional<int> Process::wait_for(Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!exit_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_ = exit_code_from(status);
    if (exit_ || std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(Milliseconds(2));
  }
  return exit_;
}

std::string own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw Error(errc::unavailable, "cannot find this program itself: /proc is not mounted");
  return path.string();
}

std::string find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const auto directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    const auto candidate = fmt::format("{}/{}", directory.empty() ? "." : directory, name);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

TemporaryDirectory::TemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  path_ = fmt::format("{}/comem-XXXXXX", base == nullptr || *base == '\0' ? "/tmp" : base);
  if (::mkdtemp(path_.data()) == nullptr)
    throw Error(errc::unavailable,
                fmt::format("cannot make a directory '{}': {}", path_, std::strerror(errno)));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace comem::cli
