#pragma once
// Standard output and standard error: checked writing, and colours for people.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace comem::cli {

/// Standard output cannot be written. `reader_gone` when its reader went away, which is no failure.
class OutputFailed : public std::runtime_error {
 public:
  OutputFailed(const std::string& message, bool gone) : std::runtime_error(message), reader_gone(gone) {}
  bool reader_gone;
};

/// Buffered; throws OutputFailed.
void print(std::string_view text);
void print_line(std::string_view text);
/// Hands over everything printed so far; throws OutputFailed.
void flush_output();

/// On standard error. What cannot be written there is lost, and stops nothing.
void print_error(std::string_view text) noexcept;
/// "comem: <text>" on standard error.
void complain(std::string_view text);

/// "1 memory", "2 memories".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

bool is_terminal(int descriptor) noexcept;

/// Escape sequences for standard output; all empty unless it is a terminal and NO_COLOR is unset or empty.
struct Style {
  std::string_view bold, dim, match, good, bad, off;
};
const Style& style();

/// Text of others made safe for a terminal: control characters but newline and tab as \xNN, and
/// broken UTF-8 too.
std::string visible(std::string_view text);

}  // namespace comem::cli
