#pragma once
// Lines of an input that could not be used.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace comem::cli {

/// Shows the first twenty with number and reason on standard error, and remembers the numbers of the rest, of
/// which it holds at most 200 ranges. One thread.
class BadLines {
 public:
  void add(std::size_t line, const std::string& reason);
  /// Says how many there were and where they stand, if more than were shown.
  void summarise(std::string_view one, std::string_view many) const;
  std::size_t count() const noexcept { return count_; }

 private:
  void remember(std::size_t line);

  std::size_t count_ = 0;
  std::map<std::size_t, std::size_t> ranges_;  ///< first line to last line; none touches the next
  std::size_t dropped_ = 0;                    ///< lines for which there was no further range
};

}  // namespace comem::cli
