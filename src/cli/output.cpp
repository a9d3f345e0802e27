#include "cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/utf8.hpp"

namespace comem::cli {
namespace {

[[noreturn]] void output_failed() {
  const int reason = errno;
  throw OutputFailed(fmt::format("cannot write to standard output: {}", std::strerror(reason)),
                     reason == EPIPE);
}

Style make_style() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool wanted = is_terminal(STDOUT_FILENO) && (no_color == nullptr || *no_color == '\0') &&
                      (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
  if (!wanted) return {};
  return {"\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[32m", "\x1b[31m", "\x1b[0m"};
}

/// Length of the well-formed character at the front of `text`; 0 when there is none.
std::size_t character_length(std::string_view text) {
  for (std::size_t n = 1; n <= 4 && n <= text.size(); ++n) {
    if (is_utf8(text.substr(0, n))) return n;
  }
  return 0;
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) output_failed();
}

void print_line(std::string_view text) {
  print(text);
  print("\n");
}

void flush_output() {
  if (std::fflush(stdout) != 0) output_failed();
}

void print_error(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void complain(std::string_view text) {
  print_error(fmt::format("comem: {}\n", text));
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

bool is_terminal(int descriptor) noexcept {
  return ::isatty(descriptor) == 1;
}

const Style& style() {
  static const Style made = make_style();
  return made;
}

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t length = character_length(text);
    const bool control = byte < 0x20 || byte == 0x7f;
    // C1 controls (U+0080 to U+009F) drive terminals as well.
    const bool c1 = length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    if (byte == '\n' || byte == '\t' || (length > 0 && !control && !c1)) {
      out.append(text.substr(0, length));
    } else {
      length = length == 0 ? 1 : length;
      for (const char c : text.substr(0, length))
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace comem::cli
