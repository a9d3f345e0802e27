#pragma once
// Lines from a file or pipe, in bounded memory.

#include <cstddef>
#include <optional>
#include <string>

namespace comem::cli {

/// Owns a descriptor that it opened, borrows one that it was given. One reader, one thread.
class LineReader {
 public:
  /// A line of more than `max_line` bytes is skipped and reported as such.
  LineReader(int descriptor, std::size_t max_line);
  /// "-" is standard input. Throws Error(unavailable), Error(invalid_argument) for a directory.
  LineReader(const std::string& path, std::size_t max_line);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  struct Line {
    Line() = default;
    std::string text;        ///< without its end (LF or CR LF)
    std::size_t number = 0;  ///< from 1
    bool too_long = false;   ///< the text was dropped
  };

  /// The next line; empty at the end of input or once an interrupt was requested. Blocks. Throws
  /// Error(unavailable) when reading fails.
  std::optional<Line> next();
  /// Whether next() would answer without waiting for the writer.
  bool ready();

  std::size_t bytes_read() const noexcept { return bytes_read_; }

 private:
  bool fill(int timeout_ms);
  void drop_if_too_long();
  std::optional<Line> take_line();

  int descriptor_;
  bool owned_ = false;
  std::size_t max_line_;
  std::string buffer_;
  std::size_t position_ = 0;  ///< of the first byte not taken
  std::size_t searched_ = 0;  ///< up to here there is no line end
  std::size_t number_ = 0;
  std::size_t bytes_read_ = 0;
  bool skipping_ = false;  ///< within a line that is too long
  bool ended_ = false;
};

}  // namespace comem::cli
