// A file as `comem import` reads it (cli/line_reader.hpp, memory/jsonl.hpp, cli/import_line.hpp), arriving
// through a pipe in pieces, and the same bytes as a markdown document (cli/markdown.hpp). Byte 0: the longest
// line; byte 1: the size of a piece.

#include "cli/import_line.hpp"

#include <unistd.h>

#include <vector>

#include "cli/clean_text.hpp"
#include "cli/line_reader.hpp"
#include "cli/markdown.hpp"
#include "memory/check.hpp"
#include "memory/jsonl.hpp"
#include "property.hpp"

namespace comem::fuzz {
namespace {

constexpr TimePoint now{Milliseconds(1'700'000'000'000)};

using cli::LineReader;

/// What LineReader promises, with everything at hand at once.
std::vector<LineReader::Line> lines_of(std::string_view bytes, std::size_t max_line) {
  std::vector<LineReader::Line> lines;
  while (!bytes.empty()) {
    auto text = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(text.size() + 1, bytes.size()));
    auto& line = lines.emplace_back();
    line.number = lines.size();
    line.too_long = text.size() > max_line;
    if (line.too_long) continue;
    if (text.ends_with('\r')) text.remove_suffix(1);
    line.text = text;
  }
  return lines;
}

/// The writer waits for an answer whenever the reader says that it has none, as a producer with --ack does. A
/// reader that says it were ready and then waits is a finding: nobody writes on.
std::vector<LineReader::Line> read_through_pipe(std::string_view bytes, std::size_t max_line,
                                                std::size_t piece) {
  int ends[2];
  require(::pipe(ends) == 0, "a pipe can be made");
  std::vector<LineReader::Line> lines;
  LineReader reader(ends[0], max_line);
  const auto drain = [&] {
    while (reader.ready()) {
      auto line = reader.next();
      if (!line) return;
      lines.push_back(std::move(*line));
    }
  };
  for (const auto total = bytes.size(); !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const auto part = bytes.substr(0, piece);
    require(::write(ends[1], part.data(), part.size()) == static_cast<ssize_t>(part.size()),
            "a pipe takes a piece");
    drain();
    require(reader.bytes_read() <= total, "no more is read than was written");
  }
  ::close(ends[1]);
  drain();
  ::close(ends[0]);
  return lines;
}

void check_same(const std::vector<LineReader::Line>& read, const std::vector<LineReader::Line>& wanted) {
  require(read.size() == wanted.size(), "pieces do not change the number of lines");
  for (std::size_t i = 0; i < read.size(); ++i)
    require(read[i].text == wanted[i].text && read[i].number == wanted[i].number &&
                read[i].too_long == wanted[i].too_long,
            "pieces do not change a line");
}

void check_import_line(const std::string& text) {
  memory::Line line;
  const auto read = [&] {
    line = memory::parse_line(text);
    cli::check_import(line.memory, now);
  };
  if (cli::is_blank(text) || !accepts(read, {errc::invalid_argument, errc::limit_exceeded})) return;
  const auto id = cli::id_of_content(line.memory);
  require(id.size() == 32, "an id made from content has 32 digits");
  const auto again = memory::parse_line(memory::export_line(line.ns, line.memory));
  require(cli::id_of_content(again.memory) == id,
          "an exported line has the id of the line that was imported");
}

void check_markdown(std::string_view text) {
  const auto sections = cli::sections_of("name", text);
  require(sections.size() <= text.size(), "every section has text");
  for (const auto& section : sections) memory::check(AnyMemory(section));
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem;
  using namespace comem::fuzz;
  Input input(data, size);
  const unsigned bound = input.byte(), piece = input.byte();
  // At most 8 pieces: each read makes room for a large one.
  const std::size_t piece_bytes = std::max<std::size_t>(piece, input.rest().size() / 8 + 1);
  const std::size_t max_line = bound == 0 ? memory::max_line_bytes : bound;
  const auto wanted = lines_of(input.rest(), max_line);
  check_same(read_through_pipe(input.rest(), max_line, piece == 0 ? 4096 : piece_bytes), wanted);
  for (const auto& line : wanted) check_import_line(line.text);
  check_markdown(input.rest());
  return 0;
}
