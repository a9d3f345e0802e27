#pragma once
// What a text says of time, in English: dates of a query, questions for a time, words that tell one.

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

namespace comem::search {

/// Both ends included.
struct DayRange {
  std::chrono::sys_days first, last;
};

struct Dates {
  Dates() = default;
  std::vector<DayRange> ranges;
  /// Where words begin that are nothing but part of a date: "3" of "3 May 2024", "yesterday".
  std::vector<std::size_t> words;
};

/// The days that a text names: "7 May 2023", "May 7th, 2023", "2023-05-07", "23.1.2024", "1/23/2024" (both
/// readings where both exist), and without a year ("May 7", of a year that the text names elsewhere, else of
/// all those from `first` to `last`). Where it names none, its months and seasons: "May 2023", "early in May
/// 2023", "in May", "summer 2021". Where it names none of these either, years: "in 2022". Dates that do not
/// exist are left out. Days that are told by how far they are before `today` (search/relative_dates.hpp)
/// count where one of them is from `first` to `last`.
Dates dates_in(std::string_view text, std::chrono::sys_days first, std::chrono::sys_days last,
               std::chrono::sys_days today);

/// 1 on a day of the ranges, less on the eight days after and the three before, since people write of things
/// days after they happened; else 0.
double closeness(std::chrono::sys_days day, const std::vector<DayRange>& ranges) noexcept;

/// Whether a query asks for a time: when, how long, which day.
bool asks_for_time(std::string_view query);

/// Whether a folded word tells a time by itself: yesterday, monday, ago, 2023.
bool is_time_word(std::string_view folded) noexcept;

}  // namespace comem::search
