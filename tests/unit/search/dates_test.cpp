#include "search/dates.hpp"

#include <doctest/doctest.h>

#include "memory/timestamps.hpp"

using namespace comem;
using namespace comem::search;

namespace {

/// "first/last" of each range, as dates.
std::string ranges(std::string_view text) {
  std::string all;
  for (const TimeRange& range : dates_in(text)) {
    all += (all.empty() ? "" : " ") + memory::format_time(range.first).substr(0, 10) + '/' +
           memory::format_time(range.last).substr(0, 10);
  }
  return all;
}

}  // namespace

TEST_CASE("days are read in the forms that people write") {
  for (const char* text : {"on 7 May 2023", "7th of May, 2023?", "May 7, 2023", "may 7th 2023", "2023-05-07",
                           "2023-05-07T10:00:00Z", "the 7th May 2023"}) {
    CAPTURE(text);
    CHECK(ranges(text) == "2023-05-07/2023-05-07");
  }
  CHECK(ranges("between 1 Jan 2024 and Feb 29, 2024") == "2024-01-01/2024-01-01 2024-02-29/2024-02-29");
}

TEST_CASE("a month is meant whole, but not beside a day") {
  CHECK(ranges("in February 2024") == "2024-02-01/2024-02-29");
  CHECK(ranges("Sept, 2023") == "2023-09-01/2023-09-30");
  CHECK(ranges("31 April 2023") == "2023-04-01/2023-04-30");  // there is no such day
  CHECK(ranges("5 May 2023, and June 2023") == "2023-05-05/2023-05-05");
}

TEST_CASE("what is no date is none") {
  for (const char* text : {"", "version 2023", "7 of 2023", "2023-13-01", "mayor 2023"}) {
    CAPTURE(text);
    CHECK(ranges(text).empty());
  }
}

TEST_CASE("questions for a time") {
  for (const char* text : {"When was it?", "how long did it take", "What day is it", "in which year"}) {
    CAPTURE(text);
    CHECK(asks_for_time(text));
  }
  for (const char* text : {"", "whenever", "how far", "which one", "what is the time"}) {
    CAPTURE(text);
    CHECK_FALSE(asks_for_time(text));
  }
}

TEST_CASE("words that tell a time") {
  for (const char* word : {"yesterday", "monday", "weeks", "2023", "1999"}) CHECK(is_time_word(word));
  for (const char* word : {"", "time", "20", "2123", "19a9", "20234"}) CHECK_FALSE(is_time_word(word));
}
