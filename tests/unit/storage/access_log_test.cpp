#include "storage/access_log.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

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

namespace {

RecordKey key(const std::string& id) {
  return RecordKey("ns", MemoryType::episodic, id);
}

storage::AccessLog::TallyPtr tally(const std::string& id) {
  return std::make_shared<storage::AccessLog::Tally>(key(id));
}

}  // namespace

TEST_CASE("accesses counted by tallies and by record come together") {
  storage::AccessLog log;
  const auto a = tally("a"), b = tally("b");
  for (int round = 0; round < 2; ++round) {  // the second begins with nothing
    log.add_all({a, nullptr, b, a}, TimePoint(Milliseconds(5)));
    log.add("ns", MemoryType::episodic, "a", TimePoint(Milliseconds(7)));
    log.add(tally("a"), TimePoint(Milliseconds(6)));  // the memory was read anew
    auto entries = log.take();
    REQUIRE(entries.size() == 2);
    CHECK(entries[key("a")].count == 4);
    CHECK(entries[key("a")].last == TimePoint(Milliseconds(7)));
    CHECK(entries[key("b")].count == 1);
  }
  CHECK(log.take().empty());
}

TEST_CASE("a memory that is read anew again and again is counted each time") {
  storage::AccessLog log;
  for (int i = 0; i < 25'000; ++i) log.add(tally("a"), TimePoint());
  CHECK(log.take()[key("a")].count == 25'000);
}

TEST_CASE("what was counted by a tally is not crowded out by others") {
  storage::AccessLog log;
  const auto a = tally("a");
  for (int i = 0; i < 1000; ++i) log.add(a, TimePoint());
  for (int i = 0; i < 10'000; ++i) log.add("ns", MemoryType::episodic, std::to_string(i), TimePoint());
  CHECK(log.take()[key("a")].count == 1000);
}

TEST_CASE("the log holds on to a bounded number of tallies, and to none that it has handed over") {
  storage::AccessLog log;
  std::weak_ptr<storage::AccessLog::Tally> first, last;
  for (int i = 0; i < 20'000; ++i) {
    const auto counted = tally(std::to_string(i));
    log.add(counted, TimePoint());
    (i == 0 ? first : last) = counted;
  }
  CHECK(first.expired());
  CHECK_FALSE(last.expired());
  CHECK(log.take().size() == 20'000);
  CHECK(last.expired());
}

TEST_CASE("the log of accesses is bounded") {
  storage::AccessLog log;
  for (int i = 0; i < 20'000; ++i) log.add("ns", MemoryType::episodic, std::to_string(i), TimePoint());
  CHECK(log.take().size() == 10'000);
}
