#include "cli/demo/report.hpp"

#include <fmt/format.h>

#include "cli/interrupt.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"

namespace comem::cli {

double Stopwatch::ms() const {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
}

void Report::heading(std::string_view text) {
  if (json_) return;
  print_line(fmt::format("\n{}{}{}", style().bold, text, style().off));
  flush_output();
}

void Report::say(std::string_view text) {
  if (json_) return;
  print_line("  " + std::string(text));
  flush_output();
}

bool Report::expect(bool ok, std::string_view text) {
  interrupt::check();
  ++expected_;
  if (!ok) ++failed_;
  if (json_) {
    print_line(JsonObject().add("ok", ok).add("text", text).str());
  } else {
    print_line(
        fmt::format("  {}{}{} {}", ok ? style().good : style().bad, ok ? "ok " : "NOT", style().off, text));
  }
  flush_output();
  return ok;
}

}  // namespace comem::cli
