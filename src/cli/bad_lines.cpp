#include "cli/bad_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/output.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t most_shown = 20;
constexpr std::size_t most_ranges = 200;

}  // namespace

void BadLines::add(std::size_t line, const std::string& reason) {
  if (++count_ <= most_shown) {
    complain(fmt::format("line {}: {}", line, visible(reason)));
  } else {
    remember(line);
  }
}

// Lines come nearly in order: the store refuses those of a batch after the parser has refused later ones.
void BadLines::remember(std::size_t line) {
  const auto next = ranges_.upper_bound(line);
  const auto previous = next == ranges_.begin() ? ranges_.end() : std::prev(next);
  const bool after = previous != ranges_.end() && previous->second + 1 >= line;
  const bool before = next != ranges_.end() && next->first == line + 1;
  if (after && before) {
    previous->second = next->second;
    ranges_.erase(next);
  } else if (after) {
    previous->second = std::max(previous->second, line);
  } else if (before) {
    const auto last = next->second;
    ranges_.erase(next);
    ranges_[line] = last;
  } else if (ranges_.size() < most_ranges) {
    ranges_[line] = line;
  } else {
    ++dropped_;
  }
}

void BadLines::summarise(std::string_view one, std::string_view many) const {
  if (count_ <= most_shown) return;
  std::string where;
  for (const auto& [first, last] : ranges_) {
    where += where.empty() ? "" : ", ";
    where += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
  }
  if (dropped_ > 0) where += fmt::format(" and {} elsewhere", dropped_);
  complain(fmt::format(
      "and {} that cannot be used: {}",
      counted(count_ - most_shown, fmt::format("more {}", one), fmt::format("more {}", many)), where));
}

}  // namespace comem::cli
