#include "memory/scoring.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;
using samples::day;

TEST_CASE("recency halves with every day since the last access or creation") {
  Memory m;
  m.created_at = at(10 * day);
  CHECK(recency(m, at(10 * day)) == 1.0);
  CHECK(recency(m, at(11 * day)) == doctest::Approx(0.5));
  CHECK(recency(m, at(13 * day)) == doctest::Approx(0.125));
  CHECK(recency(m, at(9 * day)) == 1.0);  // a clock set back
  m.last_accessed = at(12 * day);
  CHECK(recency(m, at(13 * day)) == doctest::Approx(0.5));
  CHECK(std::isfinite(recency(m, TimePoint::max())));
  m.created_at = m.last_accessed = TimePoint::min();
  CHECK(recency(m, TimePoint::max()) == 0.0);
}

TEST_CASE("utility weighs access, importance and success") {
  Memory m;
  m.importance = 0.0;
  CHECK(utility(m, 0.0) == 0.0);
  CHECK(utility(m, 1.0) == doctest::Approx(0.3));
  m.importance = 1.0;
  CHECK(utility(m, 0.0) == doctest::Approx(0.3));
  m.access_count = 100;
  CHECK(utility(m, 1.0) == doctest::Approx(1.0));
  m.access_count = 1'000'000;
  CHECK(utility(m, 1.0) == doctest::Approx(1.0));
  m.importance = 0.0;
  m.access_count = 10;
  CHECK(utility(m, 0.0) == doctest::Approx(0.4 * std::log(11.0) / std::log(101.0)));
  m.access_count = 0;
  m.importance = std::numeric_limits<double>::quiet_NaN();
  CHECK(utility(m, -5.0) == 0.0);
}

TEST_CASE("composite and success") {
  CHECK(composite(1.0, 1.0, 1.0) == doctest::Approx(1.0));
  CHECK(composite(1.0, 0.0, 0.0) == doctest::Approx(0.3));
  CHECK(composite(0.0, 1.0, 0.0) == doctest::Approx(0.4));
  CHECK(composite(0.0, 0.0, 1.0) == doctest::Approx(0.3));
  Episode e;
  CHECK(success_of(e) == 1.0);
  e.success = false;
  CHECK(success_of(e) == 0.0);
  Knowledge k;
  k.confidence = 0.5;
  k.validations = 2;
  CHECK(success_of(k) == doctest::Approx(0.75));
  Skill s;
  CHECK(success_of(s) == 0.5);
  s.executions = 4;
  s.successes = 1;
  CHECK(success_of(s) == 0.25);
  e.created_at = at(day);
  e.importance = 0.5;
  CHECK(composite(AnyMemory(e), at(day)) == doctest::Approx(0.3 + 0.3 * 0.15));
}
