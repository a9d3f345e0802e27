#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/output.hpp"

namespace comem::cli {

using std::chrono::steady_clock;

Progress::Progress(std::string what, bool quiet)
    : what_(std::move(what)),
      quiet_(quiet),
      terminal_(is_terminal(STDERR_FILENO)),
      start_(steady_clock::now()),
      next_(start_ + std::chrono::seconds(1)) {}

Progress::~Progress() {
  clear();
}

void Progress::update(std::size_t done) {
  const auto now = steady_clock::now();
  if (quiet_ || now < next_) return;
  print_error(fmt::format("{}comem: {} {}, {:.0f} per second{}", terminal_ ? "\r" : "", done, what_,
                          rate(done), terminal_ ? "\x1b[K" : "\n"));
  shown_ = terminal_;
  next_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000));
}

void Progress::finish(std::size_t done) {
  clear();
  if (!quiet_)
    complain(
        fmt::format("{} {} in {:.2f} s ({:.0f} per second)", done, what_, elapsed().count(), rate(done)));
}

void Progress::clear() {
  if (shown_) print_error("\r\x1b[K");
  shown_ = false;
}

std::chrono::duration<double> Progress::elapsed() const {
  return steady_clock::now() - start_;
}

double Progress::rate(std::size_t done) const {
  return static_cast<double>(done) / std::max(elapsed().count(), 1e-6);
}

}  // namespace comem::cli
