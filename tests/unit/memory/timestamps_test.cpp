#include "memory/timestamps.hpp"

#include <random>

#include <doctest/doctest.h>

using namespace comem;
using namespace comem::memory;

namespace {
TimePoint at(std::int64_t ms) {
  return TimePoint(Milliseconds(ms));
}
}  // namespace

TEST_CASE("times are written as ISO 8601 in UTC") {
  CHECK(format_time(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(format_time(at(1)) == "1970-01-01T00:00:00.001Z");
  CHECK(format_time(at(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(format_time(at(1'709'210'096'500)) == "2024-02-29T12:34:56.500Z");
  CHECK(format_time(earliest_time) == "0001-01-01T00:00:00Z");
  CHECK(format_time(latest_time) == "9999-12-31T23:59:59.999Z");
  CHECK(format_time(TimePoint::min()) == format_time(earliest_time));
  CHECK(format_time(TimePoint::max()) == format_time(latest_time));
}

TEST_CASE("the usual forms are read") {
  const auto noon = at(1'709'208'000'000);  // 2024-02-29T12:00:00Z
  for (const auto* text :
       {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00", "2024-02-29 12:00", "2024-02-29t12:00:00z",
        "2024-02-29T12:00Z", "2024-02-29T12:00:00.0Z", "2024-02-29T12:00:00,000", "2024-02-29T14:00:00+02:00",
        "2024-02-29T06:30:00-0530", "2024-02-29T07:00:00-05", "2024-02-29T12:00:00.000999999Z",
        "2024-03-01T11:59:00+23:59"})
    CHECK_MESSAGE(parse_time(text) == noon, text);
  CHECK(parse_time("2024-02-29") == at(1'709'164'800'000));
  CHECK(parse_time("2023-05-08T13:56:00") == at(1'683'554'160'000));
  CHECK(parse_time("2024-02-29T12:00:00.12Z") == noon + Milliseconds(120));
}

TEST_CASE("what is no time is not guessed") {
  for (const auto* text : {"",
                           " ",
                           "2024",
                           "2024-02",
                           "2024-2-29",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-00",
                           "2024-01-32",
                           "24-01-01",
                           "2024/01/01",
                           "2024-01-01T",
                           "2024-01-01T1",
                           "2024-01-01T12",
                           "2024-01-01T12:",
                           "2024-01-01T24:00:00",
                           "2024-01-01T12:60:00",
                           "2024-01-01T12:00:60",
                           "2024-01-01T12:00:00.",
                           "2024-01-01T12:00:00.Z",
                           "2024-01-01T12:00:00.1234567890Z",
                           "2024-01-01T12:00:00+",
                           "2024-01-01T12:00:00+1",
                           "2024-01-01T12:00:00+24:00",
                           "2024-01-01T12:00:00+01:",
                           "2024-01-01T12:00:00+01:60",
                           "2024-01-01T12:00:00Zz",
                           "2024-01-01T12:00:00 Z",
                           "2024-01-01Z",
                           " 2024-01-01",
                           "2024-01-01 ",
                           "+024-01-01",
                           "-001-01-01",
                           "0000-12-31",
                           "0001-01-01T00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "\xff",
                           "2024-01-01T12:00:00\xc2\xa0Z"})
    CHECK_FALSE_MESSAGE(parse_time(text).has_value(), text);
  CHECK_FALSE(parse_time(std::string_view("2024-01-01\0", 11)).has_value());
}

TEST_CASE("what was written is read again") {
  std::mt19937_64 random(5);
  std::uniform_int_distribution<std::int64_t> any(earliest_time.time_since_epoch().count(),
                                                  latest_time.time_since_epoch().count());
  for (int i = 0; i < 20'000; ++i) {
    const auto time = at(any(random));
    REQUIRE(parse_time(format_time(time)) == time);
  }
}
