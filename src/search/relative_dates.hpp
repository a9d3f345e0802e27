#pragma once
// Days that a text tells by how far back they are, in English: yesterday, last week, 3 days ago.

#include <chrono>
#include <cstddef>
#include <vector>

#include "search/dates.hpp"
#include "search/words.hpp"

namespace comem::search {

struct RelativeDate {
  DayRange days;
  std::size_t first, last;  ///< the words that tell it, both included
};

/// "yesterday", "the day before yesterday", "last night", "last week" (from Monday to Sunday), "last
/// weekend", "last month", "last Monday", "two days ago", "a week ago" (that day, give or take three), "2
/// months ago" (a fortnight), "in the last 3 days", "over the past week". Days are UTC, as those of memories
/// are. Years and seasons are not read: what people tell of last summer they tell at any time.
std::vector<RelativeDate> relative_dates(const std::vector<Word>& words, std::chrono::sys_days today);

}  // namespace comem::search
