// When searches wait for their vectors.

#include "vectors/breaker.hpp"

#include <doctest/doctest.h>

namespace comem::vectors {
namespace {

using Leave = Breaker::Leave;

SteadyTime at(int ms) {
  return SteadyTime(std::chrono::hours(1)) + Milliseconds(ms);
}

TEST_CASE("three failures in a row open it, a success between them does not") {
  Breaker breaker;
  breaker.failed(at(0));
  breaker.failed(at(0));
  breaker.succeeded();
  breaker.failed(at(0));
  breaker.failed(at(0));
  CHECK(breaker.ask(at(0)) == Leave::wait);
  breaker.failed(at(0));
  CHECK(breaker.open());
  CHECK(breaker.ask(at(0)) == Leave::none);
}

TEST_CASE("open, one search after the other tries, ever more rarely, and nobody waits") {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) breaker.failed(at(0));
  CHECK(breaker.ask(at(999)) == Leave::none);
  CHECK(breaker.ask(at(1000)) == Leave::try_only);
  CHECK(breaker.ask(at(1000)) == Leave::none);  // one is under way
  breaker.failed(at(1100));
  CHECK(breaker.ask(at(3099)) == Leave::none);
  CHECK(breaker.ask(at(3100)) == Leave::try_only);
  for (int i = 0; i < 20; ++i) {
    breaker.failed(at(10'000'000 * i));
    CHECK(breaker.ask(at(10'000'000 * i + 30'000)) == Leave::try_only);
  }
}

TEST_CASE("what a try brings back in time closes it") {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) breaker.failed(at(0));
  CHECK(breaker.ask(at(1000)) == Leave::try_only);
  breaker.succeeded();
  CHECK(breaker.ask(at(1000)) == Leave::wait);
}

}  // namespace
}  // namespace comem::vectors
