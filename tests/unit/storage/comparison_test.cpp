// Digests of both sides, and what is done about a difference.

#include "storage/comparison.hpp"

#include <doctest/doctest.h>

#include "tests/support/run.hpp"
#include "tests/unit/storage/sync_pair.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

using boost::asio::awaitable;
using storage::Comparison;

RecordKey key_of(const std::string& id) {
  return RecordKey("ns", MemoryType::episodic, id);
}

awaitable<DigestReport> compare(Process& process) {
  Comparison comparison("ns", process.store, &process.relay, process.clock);
  DigestReport report = co_await comparison.compare();
  co_return report;
}

awaitable<RepairReport> repair(Process& process) {
  Comparison comparison("ns", process.store, &process.relay, process.clock);
  RepairReport report = co_await comparison.repair();
  co_return report;
}

awaitable<void> fill(Pair& p) {
  for (int i = 0; i < 250; ++i) co_await p.a.put("r" + std::to_string(i), std::to_string(i));
  co_await p.a.forget("r7");
  co_await p.b.put("last", "1");
  co_await p.a.until("last", "1");
  co_await p.b.until("r249", "249");
  co_await p.b.until("r7", "");
  co_await p.a.flush();
  co_await p.b.flush();
}

awaitable<void> converge(Pair& p) {
  co_await fill(p);
  const DigestReport a = co_await compare(p.a);
  const DigestReport b = co_await compare(p.b);
  CHECK_MESSAGE(a.equal(), a.reason);
  CHECK(b.equal());
  CHECK(a.store == b.store);
  CHECK(a.store.hash() == b.store.hash());
  CHECK(a.store.records() == 250);
  CHECK(a.unshared == 0);
  const RepairReport nothing = co_await repair(p.a);
  CHECK(nothing.buckets == 0);
  co_await p.stop();
}

awaitable<void> mend(Pair& p) {
  co_await fill(p);
  p.server->lose(key_of("r1"));
  p.server->corrupt(key_of("r2"), stored("other"));
  // The store loses one that Redis holds, and one counts what the other side does not know.
  storage::WriteFunction harm = [](storage::WriteTransaction& tx) {
    Record lost = *tx.get(key_of("r3"));
    lost.expires_at = TimePoint(Milliseconds(1));
    tx.put(lost, false);
    CHECK(tx.purge(TimePoint(Milliseconds(2)), 10) == 1);
    Record counted = *tx.get(key_of("r4"));
    counted.counters.add("s", Counter::executions, 1);
    tx.put(counted, false);
  };
  co_await p.a.store.write(std::move(harm), storage::Durability::process);
  const DigestReport before = co_await compare(p.a);
  CHECK(before.redis.has_value());
  CHECK_FALSE(before.equal());
  const RepairReport report = co_await repair(p.a);
  CHECK(report.buckets >= 3);
  CHECK(report.pushed == 2);
  CHECK(report.pulled == 1);
  CHECK(report.rewritten == 1);
  co_await p.a.flush();
  const DigestReport after = co_await compare(p.a);
  CHECK(after.equal());
  co_await p.b.until("r2", "2");
  const std::string lost = co_await p.a.value("r3");
  CHECK(lost == stored("3"));
  const Record* counted = p.server->find(key_of("r4"));
  REQUIRE(counted != nullptr);
  CHECK(counted->counters.total(Counter::executions) == 1);
  co_await p.stop();
}

awaitable<void> ask_nobody(Pair& p) {
  co_await p.a.put("x", "1");
  p.server->set_down(true);
  const DigestReport report = co_await compare(p.a);
  CHECK_FALSE(report.equal());
  CHECK_FALSE(report.redis.has_value());
  CHECK_FALSE(report.reason.empty());
  CHECK(report.store.records() == 1);
  const RepairReport nothing = co_await repair(p.a);
  CHECK(nothing.buckets == 0);
  Comparison alone("ns", p.a.store, nullptr, p.a.clock);
  const DigestReport without = co_await alone.compare();
  CHECK(without.reason == "no Redis is configured");
  co_await p.stop();
}

}  // namespace

TEST_CASE("stores that have converged have equal digests, and Redis the same") {
  Pair p;
  testing::run(p.loop, converge(p));
}

TEST_CASE("a difference is mended whichever side has lost or changed something") {
  Pair p;
  testing::run(p.loop, mend(p));
}

TEST_CASE("without an answer of Redis the report says why") {
  Pair p;
  testing::run(p.loop, ask_nobody(p));
}
