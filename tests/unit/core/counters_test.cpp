#include <comem/error.hpp>

#include <random>

#include <doctest/doctest.h>

#include "core/counters.hpp"

using namespace comem;

namespace {

CounterSet random_set(std::mt19937& random) {
  static constexpr Counter counters[]{Counter::executions, Counter::accesses, Counter::last_access_ms};
  CounterSet set;
  for (auto i = random() % 8; i > 0; --i)
    set.add("store" + std::to_string(random() % 4), counters[random() % 3], random() % 5);
  return set;
}

CounterSet merged(CounterSet a, const CounterSet& b) {
  a.merge(b);
  return a;
}

}  // namespace

TEST_CASE("merging counters is commutative, associative and idempotent, and never loses") {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const auto a = random_set(random), b = random_set(random), c = random_set(random);
    CHECK(merged(a, b) == merged(b, a));
    CHECK(merged(merged(a, b), c) == merged(a, merged(b, c)));
    CHECK(merged(a, a) == a);
    const auto both = merged(a, b);
    for (const auto& [key, value] : a.shares()) CHECK(both.shares().at(key) >= value);
    CounterSet again = both;
    CHECK_FALSE(again.merge(a));
    CHECK(CounterSet::decode(both.encode()) == both);
  }
}

TEST_CASE("concurrent counts of two stores add up, the last access is the latest") {
  CounterSet a, b;
  a.add("a", Counter::executions, 3);
  b.add("b", Counter::executions, 4);
  a.raise("a", Counter::last_access_ms, 100);
  b.raise("b", Counter::last_access_ms, 90);
  CHECK(a.merge(b));
  CHECK(a.total(Counter::executions) == 7);
  CHECK(a.total(Counter::last_access_ms) == 100);
  CHECK(a.total(Counter::successes) == 0);
}

TEST_CASE("nothing leaves a share of zero behind") {
  CounterSet set;
  set.add("a", Counter::accesses, 0);
  set.raise("a", Counter::last_access_ms, 0);
  CHECK(set.raise_share("xa", 0));
  CHECK_FALSE(set.merge(CounterSet()));
  CHECK_FALSE(set.merge(CounterSet::decode("xa=0")));
  CHECK(set.empty());
  CHECK(set.encode().empty());
}

TEST_CASE("shares are bounded by 2^53 - 1") {
  constexpr std::uint64_t top = (std::uint64_t{1} << 53) - 1;
  CounterSet set;
  set.add("a", Counter::executions, ~std::uint64_t{0});
  set.add("a", Counter::executions, ~std::uint64_t{0});
  CHECK(set.total(Counter::executions) == top);
  CHECK_FALSE(set.raise_share("xa", top + 1));
  CHECK(set.raise_share("xb", top));
  CHECK(set.total(Counter::executions) == 2 * top);
}

TEST_CASE("malformed counters are refused, not guessed") {
  for (const auto* text :
       {"x", "=1", "x=1", "qa=1", "xa", "xa=", "xa=1x", "xa=-1", "xa= 1", "xa=1;;xb=1", ";", "x\xff=1",
        "xa=18446744073709551616", "xa=99999999999999999999999999", "xa=9007199254740992", "x;a=1"})
    CHECK_THROWS_AS_MESSAGE(CounterSet::decode(text), Error, text);
  CHECK_THROWS_AS(CounterSet::decode("x" + std::string(65, 'a') + "=1"), Error);
  CHECK(CounterSet::decode("").empty());
  CHECK(CounterSet::decode("x" + std::string(64, 'a') + "=1").total(Counter::executions) == 1);
}
