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

namespace {

storage::HotMemoryPtr hot_episode(const std::string& id) {
  Episode episode;
  episode.id = id;
  return std::make_shared<storage::HotMemory>(std::move(episode));
}

}  // namespace

TEST_CASE("accesses to hot memories are counted at once, with those by key") {
  storage::AccessLog log;
  const auto a = hot_episode("a"), b = hot_episode("b");
  const RecordKey key("ns", MemoryType::episodic, "a");
  for (std::uint64_t round = 0; round < 2; ++round) {  // the second begins with nothing
    log.add_all("ns", {a, nullptr, b, a}, TimePoint(Milliseconds(5)));
    log.add(key.ns, key.type, key.id, TimePoint(Milliseconds(7)));
    log.add("ns", hot_episode("a"), TimePoint(Milliseconds(6)));  // of another name, or read anew
    auto entries = log.take();
    REQUIRE(entries.size() == 2);
    CHECK(entries[key].count == 4);
    CHECK(entries[key].last == TimePoint(Milliseconds(7)));
    CHECK(entries[RecordKey("ns", MemoryType::episodic, "b")].count == 1);
  }
  CHECK(log.take().empty());
}

TEST_CASE("the log holds on to a bounded number of hot memories") {
  storage::AccessLog log;
  const auto counted = hot_episode("counted");
  log.add("ns", counted, TimePoint());
  for (int i = 0; i < 20'000; ++i) log.add("ns", hot_episode(std::to_string(i)), TimePoint());
  log.add("ns", counted, TimePoint());
  auto entries = log.take();
  CHECK(entries.size() == 10'000);
  CHECK(entries[RecordKey("ns", MemoryType::episodic, "counted")].count == 2);
}

TEST_CASE("the log of accesses is bounded") {
  storage::AccessLog log;
  for (int i = 0; i < 20'000; ++i) log.add("ns", MemoryType::episodic, std::to_string(i), TimePoint());
  CHECK(log.take().size() == 10'000);
}
