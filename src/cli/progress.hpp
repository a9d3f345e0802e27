#pragma once
// How far a long command has come, on standard error.

#include <chrono>
#include <cstddef>
#include <string>

namespace comem::cli {

/// Shows a line on a terminal about ten times a second, elsewhere every ten seconds; nothing in the first
/// second.
class Progress {
 public:
  /// `what` is counted: "memories". `quiet` shows nothing at all.
  Progress(std::string what, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done);
  /// The last word: how many there were, how long they took.
  void finish(std::size_t done);
  /// Takes the line away from the terminal.
  void clear();
  std::chrono::duration<double> elapsed() const;
  double rate(std::size_t done) const;

 private:
  std::string what_;
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, next_;
};

}  // namespace comem::cli
