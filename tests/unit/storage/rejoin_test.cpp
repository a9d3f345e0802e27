// A store that comes back after others have dropped the tombstones of what they deleted meanwhile.

#include "storage/rejoin.hpp"

#include <doctest/doctest.h>

#include "tests/support/run.hpp"
#include "tests/unit/storage/sync_pair.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

using boost::asio::awaitable;

constexpr auto month = std::chrono::hours(24 * 31);

struct World {
  boost::asio::io_context loop;
  std::shared_ptr<MemoryServer> server = std::make_shared<MemoryServer>();
  Site home, away;

  void let_time_pass() {
    home.clock.advance(month);
    away.clock.advance(month);
  }
};

awaitable<void> until_server_holds(World& w, std::string id) {
  Signal tick(w.loop.get_executor());
  while (w.server->find(RecordKey("ns", MemoryType::episodic, id)) == nullptr)
    co_await tick.wait(in(Milliseconds(1)));
}

awaitable<void> come_back_to_others(World& w) {
  auto a = std::make_unique<Process>(w.loop, w.server, w.home);
  auto b = std::make_unique<Process>(w.loop, w.server, w.away);
  co_await a->put("kept", "1");
  co_await a->put("forgotten", "2");
  co_await b->until("kept", "1");
  co_await b->until("forgotten", "2");
  co_await b->stop();
  co_await b->put("unshared", "3");
  co_await a->forget("forgotten");
  co_await a->flush();
  w.let_time_pass();
  co_await a->purge();
  w.server->lose(RecordKey("ns", MemoryType::episodic, "forgotten"));  // so does Redis

  auto back = std::make_unique<Process>(w.loop, w.server, w.away);
  co_await back->until("forgotten", "");
  co_await a->until("unshared", "3");
  co_await back->flush();
  const std::string kept = co_await back->value("kept");
  CHECK(kept == stored("1"));
  CHECK(w.server->find(RecordKey("ns", MemoryType::episodic, "forgotten")) == nullptr);
  // Once in step again, it is a store like any other.
  co_await back->put("forgotten", "4");
  co_await a->until("forgotten", "4");
  co_await back->stop();
  co_await a->stop();
}

awaitable<void> come_back_to_other_epoch(World& w) {
  auto a = std::make_unique<Process>(w.loop, w.server, w.home);
  auto b = std::make_unique<Process>(w.loop, w.server, w.away);
  co_await a->put("kept", "1");
  co_await a->put("forgotten", "2");
  co_await b->until("forgotten", "2");
  co_await b->stop();
  co_await a->forget("forgotten");
  co_await a->flush();
  w.let_time_pass();
  co_await a->purge();
  w.server->lose_everything();
  co_await until_server_holds(w, "kept");  // the one that stayed fills it again

  auto back = std::make_unique<Process>(w.loop, w.server, w.away);
  co_await back->until("forgotten", "");
  co_await back->flush();
  CHECK(w.server->find(RecordKey("ns", MemoryType::episodic, "forgotten")) == nullptr);
  const std::string kept = co_await back->value("kept");
  CHECK(kept == stored("1"));
  co_await back->stop();
  co_await a->stop();
}

awaitable<void> come_back_to_nobody(World& w) {
  auto before = std::make_unique<Process>(w.loop, w.server, w.away);
  co_await before->put("old", "1");
  co_await before->flush();
  co_await before->stop();
  w.let_time_pass();
  w.server->lose_everything();
  auto back = std::make_unique<Process>(w.loop, w.server, w.away);
  co_await until_server_holds(w, "old");
  const std::string old = co_await back->value("old");
  CHECK(old == stored("1"));
  co_await back->stop();
}

}  // namespace

TEST_CASE("away for longer than tombstones are kept") {
  using std::chrono::hours;
  const TimePoint then{hours(1000)};
  CHECK_FALSE(storage::away_too_long(TimePoint{}, then, hours(10)));
  CHECK_FALSE(storage::away_too_long(then, then + hours(9), hours(10)));
  CHECK(storage::away_too_long(then, then + hours(9) + Milliseconds(1), hours(10)));
  CHECK_FALSE(storage::away_too_long(then, then - hours(100), hours(10)));
}

TEST_CASE("a store that was away for too long brings nothing back that others deleted") {
  World w;
  testing::run(w.loop, come_back_to_others(w));
}

TEST_CASE("nor when Redis was filled anew meanwhile") {
  World w;
  testing::run(w.loop, come_back_to_other_epoch(w));
}

TEST_CASE("a store that comes back to an empty Redis fills it") {
  World w;
  testing::run(w.loop, come_back_to_nobody(w));
}
