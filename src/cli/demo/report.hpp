#pragma once
// What the demo tells as it goes, and whether all of it happened as it should.

#include <chrono>
#include <string>
#include <string_view>

namespace comem::cli {

/// Milliseconds since it was made or restarted.
class Stopwatch {
 public:
  double ms() const;
  void restart() { start_ = std::chrono::steady_clock::now(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Report {
 public:
  /// With `json` only expectations are printed, one object a line.
  explicit Report(bool json) : json_(json) {}

  void heading(std::string_view text);
  /// Text may come from memories: it is made safe for a terminal.
  void say(std::string_view text);
  /// A result that must hold. Answers `ok`. Throws like an interrupted call once an interrupt was requested,
  /// since nothing that failed then says anything.
  bool expect(bool ok, std::string_view text);

  int expected() const noexcept { return expected_; }
  int failed() const noexcept { return failed_; }
  bool json() const noexcept { return json_; }

 private:
  bool json_;
  int expected_ = 0;
  int failed_ = 0;
};

}  // namespace comem::cli
