#pragma once
// What a text says of time, in English: dates of a query, questions for a time, words that tell one.

#include <comem/clock.hpp>

#include <string_view>
#include <vector>

namespace comem::search {

/// Both ends included.
struct TimeRange {
  TimePoint first, last;
};

/// The days that a text names ("7 May 2023", "May 7th, 2023", "2023-05-07"); where it names none, its months
/// ("May 2023"), whole. UTC. Dates that do not exist are left out.
std::vector<TimeRange> dates_in(std::string_view text);

/// Whether a query asks for a time: when, how long, which day.
bool asks_for_time(std::string_view query);

/// Whether a folded word tells a time by itself: yesterday, monday, ago, 2023.
bool is_time_word(std::string_view folded) noexcept;

}  // namespace comem::search
