#include "storage/access_log.hpp"

#include <comem/episode.hpp>

#include <doctest/doctest.h>

using namespace comem;

TEST_CASE("accesses are counted by record and handed over once") {
  storage::AccessLog log;
  const RecordKey a("ns", MemoryType::episodic, "a");
  log.add(a.ns, a.type, a.id, TimePoint(Milliseconds(5)));
  log.add(a.ns, a.type, a.id, TimePoint(Milliseconds(3)));
  auto entries = log.take();
  REQUIRE(entries.size() == 1);
  CHECK(entries[a].count == 2);
  CHECK(entries[a].last == TimePoint(Milliseconds(5)));
  CHECK(log.take().empty());
}

TEST_CASE("accesses to many records are counted at once") {
  storage::AccessLog log;
  Episode a, b;
  a.id = "a";
  b.id = "b";
  log.add_all("ns", {&a, nullptr, &b, &a}, TimePoint(Milliseconds(5)));
  auto entries = log.take();
  REQUIRE(entries.size() == 2);
  CHECK(entries[RecordKey("ns", MemoryType::episodic, "a")].count == 2);
  CHECK(entries[RecordKey("ns", MemoryType::episodic, "b")].count == 1);
}

TEST_CASE("the log of accesses is bounded") {
  storage::AccessLog log;
  for (int i = 0; i < 20'000; ++i) log.add("ns", MemoryType::episodic, std::to_string(i), TimePoint());
  CHECK(log.take().size() == 10'000);
}
