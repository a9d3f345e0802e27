#include "search/dates.hpp"

#include <doctest/doctest.h>

#include "memory/timestamps.hpp"

using namespace comem;
using namespace comem::search;

namespace {

std::string date(std::chrono::sys_days day) {
  return memory::format_time(TimePoint(std::chrono::duration_cast<Milliseconds>(day.time_since_epoch())))
      .substr(0, 10);
}

constexpr std::chrono::sys_days first = std::chrono::year(2022) / 3 / 1;
constexpr std::chrono::sys_days last = std::chrono::year(2023) / 2 / 1;
constexpr std::chrono::sys_days today = std::chrono::year(2023) / 2 / 2;  // a Thursday

/// "first/last" of each range, as dates. The memories are of 2022 and 2023.
std::string ranges(std::string_view text) {
  std::string all;
  const Dates dates = dates_in(text, first, last, today);
  for (const DayRange& range : dates.ranges)
    all += (all.empty() ? "" : " ") + date(range.first) + '/' + date(range.last);
  return all;
}

std::vector<std::string> date_words(std::string_view text, std::chrono::sys_days now = today) {
  std::vector<std::string> words;
  for (const std::size_t begin : dates_in(text, first, last, now).words) {
    const std::size_t end = text.find_first_of(" ?", begin);
    words.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
  }
  return words;
}

}  // namespace

TEST_CASE("days are read in the forms that people write") {
  for (const char* text : {"on 7 May 2023", "7th of May, 2023?", "May 7, 2023", "may 7th 2023", "2023-05-07",
                           "2023-05-07T10:00:00Z", "the 7th May 2023", "7.5.2023", "07.05.2023"}) {
    CAPTURE(text);
    CHECK(ranges(text) == "2023-05-07/2023-05-07");
  }
  CHECK(ranges("between 1 Jan 2024 and Feb 29, 2024") == "2024-01-01/2024-01-01 2024-02-29/2024-02-29");
}

TEST_CASE(
    "a day without a year is of every year that the memories know, or of the one that is named elsewhere") {
  CHECK(ranges("on August 11") == "2022-08-11/2022-08-11 2023-08-11/2023-08-11");
  CHECK(ranges("the 11th of Aug") == "2022-08-11/2022-08-11 2023-08-11/2023-08-11");
  CHECK(ranges("August 11, in the year 2021") == "2021-08-11/2021-08-11");
  CHECK(dates_in("August 11", last, first, today).ranges.empty());  // there are no memories
}

TEST_CASE("words that are nothing but part of a date are told from others") {
  using Words = std::vector<std::string>;
  CHECK(date_words("what did Ann buy 5 of on 3 May 2024") == Words{"3"});
  CHECK(date_words("the 3rd of May and June 4") == Words{"3rd", "4"});
  CHECK(date_words("31 June 2024").empty());  // no date
  CHECK(date_words("in May 2024, 3 times").empty());
  CHECK(date_words("who called two weeks ago") == Words{"two", "weeks", "ago"});
  CHECK(date_words("who called the day before yesterday") == Words{"day", "before", "yesterday"});
}

TEST_CASE("numbers with strokes are read both ways where both are dates") {
  CHECK(ranges("1/23/2024") == "2024-01-23/2024-01-23");
  CHECK(ranges("2/3/2024") == "2024-03-02/2024-03-02 2024-02-03/2024-02-03");
  CHECK(ranges("3/3/2024") == "2024-03-03/2024-03-03");
}

TEST_CASE("months without a year, halves of months, seasons, years") {
  CHECK(ranges("what happened in June") == "2022-06-01/2022-06-30 2023-06-01/2023-06-30");
  CHECK(ranges("in may").empty());
  CHECK(ranges("in May") == "2022-05-01/2022-05-31 2023-05-01/2023-05-31");
  CHECK(ranges("June said").empty());
  CHECK(ranges("late in June 2022") == "2022-06-15/2022-06-30");
  CHECK(ranges("at the beginning of June 2022") == "2022-06-01/2022-06-15");
  CHECK(ranges("summer of 2022") == "2022-06-01/2022-08-31");
  CHECK(ranges("winter 2022") == "2021-12-01/2022-02-28 2022-12-01/2023-02-28");
  CHECK(ranges("in 2022") == "2022-01-01/2022-12-31");
  CHECK(ranges("in June 2022, or in 2021") == "2022-06-01/2022-06-30");
}

TEST_CASE("closeness falls off over a week after, and sooner before") {
  const std::vector<DayRange> week{{first, first + std::chrono::days(6)}};
  const auto at = [&](int day) { return closeness(first + std::chrono::days(day), week); };
  CHECK(at(0) == 1);
  CHECK(at(6) == 1);
  CHECK(at(8) == doctest::Approx(0.75));
  CHECK(at(14) == 0);
  CHECK(at(-1) == doctest::Approx(2.0 / 3));
  CHECK(at(-3) == 0);
  CHECK(closeness(first, {}) == 0);
}

TEST_CASE("a month is meant whole, but not beside a day") {
  CHECK(ranges("in February 2024") == "2024-02-01/2024-02-29");
  CHECK(ranges("Sept, 2023") == "2023-09-01/2023-09-30");
  CHECK(ranges("31 April 2023") == "2023-04-01/2023-04-30");  // there is no such day
  CHECK(ranges("5 May 2023, and June 2023") == "2023-05-05/2023-05-05");
}

TEST_CASE("days told by how far back they are") {
  CHECK(ranges("what did we decide yesterday") == "2023-02-01/2023-02-01");
  CHECK(ranges("yesterday's plan") == "2023-02-01/2023-02-01");
  CHECK(ranges("the day before yesterday") == "2023-01-31/2023-01-31");
  CHECK(ranges("last night") == "2023-02-01/2023-02-02");
  CHECK(ranges("last week") == "2023-01-23/2023-01-29");
  CHECK(ranges("last weekend") == "2023-01-28/2023-01-29");
  CHECK(ranges("last month") == "2023-01-01/2023-01-31");
  CHECK(ranges("last Monday") == "2023-01-30/2023-01-30");
  CHECK(ranges("last Thursday") == "2023-01-26/2023-01-26");
  CHECK(ranges("3 days ago") == "2023-01-30/2023-01-30");
  CHECK(ranges("two weeks ago") == "2023-01-16/2023-01-22");
  CHECK(ranges("a month ago") == "2022-12-19/2023-01-18");
  CHECK(ranges("in the last 3 days") == "2023-01-30/2023-02-02");
  CHECK(ranges("over the past week") == "2023-01-26/2023-02-02");
  CHECK(ranges("on 5 May 2022 or yesterday") == "2022-05-05/2022-05-05 2023-02-01/2023-02-01");
  for (const char* text : {"last year", "two years ago", "long ago", "ago", "the last 3 pages", "last",
                           "past", "0 days ago", "99999999999 days ago", "the week", "a few weeks ago"}) {
    CAPTURE(text);
    CHECK(ranges(text).empty());
  }
}

TEST_CASE("how far back something is tells nothing where the memories are of another time") {
  const auto later = today + std::chrono::days(1000);
  CHECK(dates_in("who called yesterday", first, last, later).ranges.empty());
  CHECK(date_words("who called yesterday", later).empty());
}

TEST_CASE("the last week of a month used to be one before today") {
  CHECK(ranges("the last week of January 2023") == "2023-01-01/2023-01-31");
  CHECK(ranges("last weekend in June 2022") == "2022-06-01/2022-06-30");
  CHECK(ranges("the last 3 days of June 2022") == "2022-06-01/2022-06-30");
  CHECK(ranges("in June 2022 or last week") == "2022-06-01/2022-06-30 2023-01-23/2023-01-29");
  CHECK(ranges("last week in the office") == "2023-01-23/2023-01-29");
}

TEST_CASE("what is no date is none") {
  for (const char* text :
       {"", "version 2023", "march in", "we may", "5 mayors", "7 of 2023", "2023-13-01", "mayor 2023"}) {
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
