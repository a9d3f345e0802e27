// The sync of one namespace against a store and a relay in memory: two stores, one server, faults in between.

#include "storage/namespace_sync.hpp"

#include <doctest/doctest.h>

#include "storage/merge.hpp"
#include "tests/support/run.hpp"
#include "tests/unit/storage/sync_pair.hpp"

using namespace comem;
using namespace comem::testing;

namespace {

boost::asio::awaitable<void> share_one(Pair& p) {
  const std::uint64_t change = co_await p.a.put("x", "1");
  const auto shared = co_await p.a.sync.shared(RecordKey("ns", MemoryType::episodic, "x"), change,
                                               in(std::chrono::seconds(5)));
  CHECK(shared.has_value());
  co_await p.b.until("x", "1");
  CHECK(p.b.pulled > 0);
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(5)), false);
  CHECK(flushed);
  co_await p.stop();
}

/// Saves memories one after the other, each once Redis has the one before.
boost::asio::awaitable<void> share_some(Process& process, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string id = "x" + std::to_string(i);
    const std::uint64_t change = co_await process.put(id, "1");
    const auto shared = co_await process.sync.shared(RecordKey("ns", MemoryType::episodic, id), change,
                                                     in(std::chrono::seconds(5)));
    CHECK(shared.has_value());
  }
}

boost::asio::awaitable<void> share_without_a_look(Pair& p) {
  co_await share_some(p.a, 1);
  co_await p.a.flush();
  const std::size_t before = p.a.store.reads();
  co_await share_some(p.a, 30);
  CHECK(p.a.store.reads() - before < 15);  // of sweeps, one in two seconds
  CHECK(p.server->records("ns") == 30);
  co_await p.stop();
}

/// A write that the store has told nothing of, as after a commit of unknown outcome.
boost::asio::awaitable<void> share_what_was_not_told(Pair& p) {
  co_await share_some(p.a, 1);
  p.a.store.tell(false);
  co_await p.a.put("y", "2");
  p.a.store.tell(true);
  co_await share_some(p.a, 3);
  co_await p.b.until("y", "2");
  co_await p.stop();
}

boost::asio::awaitable<void> settle_in_time(Pair& p) {
  co_await share_some(p.a, 3);
  Signal tick(p.loop.get_executor());
  for (std::uint64_t rows = 1; rows != 0; rows = co_await p.a.unshared())
    co_await tick.wait(in(Milliseconds(1)));
  CHECK(p.server->pushes() == 3);
  co_await p.stop();
}

boost::asio::awaitable<void> settle_for_a_flush(Pair& p) {
  co_await share_some(p.a, 3);
  co_await p.stop();  // nobody else does it now
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(5)), false);
  CHECK(flushed);
  CHECK(p.server->pushes() == 3);
}

boost::asio::awaitable<void> settle_at_the_end(Pair& p) {
  co_await share_some(p.a, 3);
  co_await p.stop();
  co_await p.a.sync.settle();
  const std::uint64_t rows = co_await p.a.unshared();
  CHECK(rows == 0);
}

/// What was shared and is still in the outbox is not what a server that lost it has.
boost::asio::awaitable<void> lose_what_is_not_settled(Pair& p) {
  p.b.sync.link(false);  // it holds none of them
  co_await share_some(p.a, 3);
  p.server->lose_everything();
  p.b.sync.link(true);
  co_await p.b.put("y", "2");  // its push tells that the relay is another one
  co_await p.a.until("y", "2");
  co_await p.a.flush();
  CHECK(p.server->records("ns") == 4);
  co_await p.stop();
}

boost::asio::awaitable<void> survive_outage(Pair& p) {
  p.server->set_down(true);
  const std::uint64_t change = co_await p.a.put("x", "1");
  co_await p.b.put("y", "2");
  const auto shared =
      co_await p.a.sync.shared(RecordKey("ns", MemoryType::episodic, "x"), change, in(Milliseconds(5)));
  CHECK_FALSE(shared.has_value());
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(5)), true);
  CHECK_FALSE(flushed);
  p.server->set_down(false);
  co_await p.a.until("y", "2");
  co_await p.b.until("x", "1");
  co_await p.stop();
}

boost::asio::awaitable<void> refill_empty_server(Pair& p) {
  co_await p.a.put("x", "1");
  co_await p.b.until("x", "1");
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(5)), false);
  CHECK(flushed);
  p.server->lose_everything();
  CHECK(p.server->records("ns") == 0);
  co_await p.b.put("y", "2");  // its push tells that the relay is another one
  co_await p.a.until("y", "2");
  Signal tick(p.loop.get_executor());
  while (p.server->records("ns") < 2) co_await tick.wait(in(Milliseconds(1)));
  CHECK(p.server->find(RecordKey("ns", MemoryType::episodic, "x")) != nullptr);
  co_await p.stop();
}

boost::asio::awaitable<void> share_again_what_was_evicted(Pair& p) {
  p.b.sync.link(false);
  co_await p.a.put("x", "1");
  co_await p.a.flush();
  p.server->evict(RecordKey("ns", MemoryType::episodic, "x"));
  p.b.sync.link(true);
  co_await p.b.until("x", "1");
  CHECK(p.server->find(RecordKey("ns", MemoryType::episodic, "x")) != nullptr);
  co_await p.stop();
}

boost::asio::awaitable<void> push_again_after_lost_reply(Pair& p) {
  co_await p.a.put("w", "0");
  co_await p.b.until("w", "0");
  p.server->lose_replies(1);
  co_await p.a.put("x", "1");
  co_await p.b.until("x", "1");
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(10)), false);
  CHECK(flushed);
  co_await p.stop();
}

boost::asio::awaitable<void> refuse_one(Pair& p) {
  p.server->refused_ids.insert("bad");
  const std::uint64_t bad = co_await p.a.put("bad", "1");
  co_await p.a.put("good", "2");
  const auto shared = co_await p.a.sync.shared(RecordKey("ns", MemoryType::episodic, "bad"), bad,
                                               in(std::chrono::seconds(5)));
  CHECK_FALSE(shared.has_value());
  CHECK_FALSE(p.a.trouble.empty());
  co_await p.b.until("good", "2");
  // Nothing is left but what was refused: flush does not wait for it.
  const auto before = std::chrono::steady_clock::now();
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(30)), false);
  CHECK_FALSE(flushed);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(15));
  co_await p.stop();
}

boost::asio::awaitable<void> refuse_before_anybody_waits(Pair& p) {
  co_await share_some(p.a, 1);
  co_await p.a.flush();
  p.server->refused_ids.insert("bad");
  const std::uint64_t bad = co_await p.a.put("bad", "1");
  Signal tick(p.loop.get_executor());
  while (p.a.trouble.empty()) co_await tick.wait(in(Milliseconds(1)));
  const auto before = p.server->pushes();
  const auto shared = co_await p.a.sync.shared(RecordKey("ns", MemoryType::episodic, "bad"), bad,
                                               in(std::chrono::seconds(60)));
  CHECK_FALSE(shared.has_value());
  CHECK(p.server->pushes() == before);  // not when it was refused once more
  co_await p.stop();
}

boost::asio::awaitable<void> leave_out_unreadable(Pair& p) {
  storage::WriteFunction write = [](storage::WriteTransaction& tx) {
    Record record;
    record.key = RecordKey("ns", MemoryType::episodic, "broken");
    record.value = "\x05garbage";
    storage::put_local(tx, record, std::nullopt);
  };
  co_await p.a.store.write(std::move(write), storage::Durability::process);
  co_await p.a.put("good", "1");
  co_await p.b.until("good", "1");
  const std::string broken = co_await p.b.value("broken");
  CHECK(broken.empty());
  CHECK(p.b.sync.skipped() == 1);
  co_await p.stop();
}

boost::asio::awaitable<void> survive_store_failure(Pair& p) {
  co_await p.a.put("w", "0");
  co_await p.b.until("w", "0");
  p.b.store.fail_next_write(errc::rejected);  // taking in the page fails once
  co_await p.a.put("x", "1");
  co_await p.b.until("x", "1");
  co_await p.stop();
}

boost::asio::awaitable<void> share_only_what_is_safe(Pair& p) {
  co_await p.a.put("w", "0");
  co_await p.b.until("w", "0");
  p.a.store.fail_syncs(true);
  const std::uint64_t change = co_await p.a.put("x", "1");
  const auto shared =
      co_await p.a.sync.shared(RecordKey("ns", MemoryType::episodic, "x"), change, in(Milliseconds(20)));
  CHECK_FALSE(shared.has_value());
  CHECK(p.server->find(RecordKey("ns", MemoryType::episodic, "x")) == nullptr);
  p.a.store.fail_syncs(false);
  co_await p.b.until("x", "1");
  co_await p.stop();
}

boost::asio::awaitable<void> replicate(Pair& p) {
  const std::uint64_t change = co_await p.a.put("x", "1");
  const RecordKey key("ns", MemoryType::episodic, "x");
  const auto epoch = co_await p.a.sync.shared(key, change, in(std::chrono::seconds(5)));
  REQUIRE(epoch.has_value());
  const bool before = co_await p.a.sync.replicated(*epoch, in(Milliseconds(50)));
  CHECK_FALSE(before);
  p.server->replicas = 1;
  const bool after = co_await p.a.sync.replicated(*epoch, in(Milliseconds(50)));
  CHECK(after);
  const bool of_another = co_await p.a.sync.replicated("another epoch", in(Milliseconds(50)));
  CHECK_FALSE(of_another);
  co_await p.stop();
}

boost::asio::awaitable<void> echo_is_not_pulled(Pair& p) {
  co_await p.a.put("w", "0");
  co_await p.b.until("w", "0");
  const bool flushed = co_await p.a.sync.flushed(in(std::chrono::seconds(5)), false);
  CHECK(flushed);
  const auto before = p.a.relay.stats().pulled;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t change = co_await p.a.put("x", std::to_string(i));
    co_await p.a.sync.shared(RecordKey("ns", MemoryType::episodic, "x"), change, in(std::chrono::seconds(5)));
  }
  CHECK(p.a.relay.stats().pulled == before);  // its own writes never came back to it
  co_await p.stop();
}

boost::asio::awaitable<std::string> epoch_of(Process& process) {
  std::string epoch;
  storage::ReadFunction look = [&](storage::ReadTransaction& tx) { epoch = tx.position("ns").epoch; };
  co_await process.store.read(std::move(look));
  co_return epoch;
}

boost::asio::awaitable<void> take_turns(Process& a, Process& b, std::shared_ptr<MemoryServer> one,
                                        std::shared_ptr<MemoryServer> other) {
  Signal tick(a.scope.executor());
  co_await a.put("x", "1");
  co_await a.flush();
  const std::string first = co_await epoch_of(a);
  other->set_down(false);
  while (other->records("ns") == 0) co_await tick.wait(in(Milliseconds(1)));
  const std::string second = co_await epoch_of(b);
  CHECK(second != first);
  // The first is made to look, again and again; it complains, and leaves the other its turn.
  storage::Position ahead(first, 1000);
  for (int looks = 0; looks < 3; ++looks) {
    const auto pulls = one->pulls();
    a.sync.hint(storage::Hint(ahead));
    ++ahead.seq;
    while (one->pulls() == pulls || a.trouble.empty()) co_await tick.wait(in(Milliseconds(1)));
    const std::string held = co_await epoch_of(a);
    CHECK(held == second);
  }
  CHECK_MESSAGE(a.trouble.find("another Redis") != std::string::npos, a.trouble);
  co_await b.put("y", "2");
  while (other->records("ns") < 2) co_await tick.wait(in(Milliseconds(1)));
  co_await a.stop();
  co_await b.stop();
}

}  // namespace

TEST_CASE("a write is shared, and seen by the other store") {
  Pair p;
  testing::run(p.loop, share_one(p));
}

TEST_CASE("what was shared leaves the outbox by itself, and is not shared again") {
  Pair p;
  testing::run(p.loop, settle_in_time(p));
}

TEST_CASE("what was shared leaves the outbox before a flush looks into it") {
  Pair p;
  testing::run(p.loop, settle_for_a_flush(p));
}

TEST_CASE("what was shared leaves the outbox at the end") {
  Pair p;
  testing::run(p.loop, settle_at_the_end(p));
}

TEST_CASE("what a server has lost is shared again, even if it had not left the outbox") {
  Pair p;
  testing::run(p.loop, lose_what_is_not_settled(p));
}

TEST_CASE("what is written during an outage is shared after it, both ways") {
  Pair p;
  testing::run(p.loop, survive_outage(p));
}

TEST_CASE("a server that lost everything is filled again by the stores") {
  Pair p;
  testing::run(p.loop, refill_empty_server(p));
}

TEST_CASE("what the server evicted before others took it is shared again") {
  Pair p;
  testing::run(p.loop, share_again_what_was_evicted(p));
}

TEST_CASE("a push whose reply was lost is repeated without harm") {
  Pair p;
  testing::run(p.loop, push_again_after_lost_reply(p));
}

TEST_CASE("a record that the relay refuses holds up no other") {
  Pair p;
  testing::run(p.loop, refuse_one(p));
}

TEST_CASE("a value that nobody can read is left out, counted, and holds up no other") {
  Pair p;
  testing::run(p.loop, leave_out_unreadable(p));
}

TEST_CASE("who comes to wait for what was refused already is told at once") {
  Pair p;
  testing::run(p.loop, refuse_before_anybody_waits(p));
}

TEST_CASE("what was just written is sent without a look into the outbox") {
  Pair p;
  testing::run(p.loop, share_without_a_look(p));
}

TEST_CASE("what a store has not told of is shared all the same") {
  Pair p;
  testing::run(p.loop, share_what_was_not_told(p));
}

TEST_CASE("a page that could not be stored is taken in later") {
  Pair p;
  testing::run(p.loop, survive_store_failure(p));
}

TEST_CASE("a process does not pull its own writes back") {
  Pair p;
  testing::run(p.loop, echo_is_not_pulled(p));
}

TEST_CASE("nothing is shared that a loss of power could undo here") {
  Pair p;
  testing::run(p.loop, share_only_what_is_safe(p));
}

TEST_CASE("a write is replicated when enough replicas hold it, in the epoch that accepted it") {
  Pair p;
  testing::run(p.loop, replicate(p));
}

TEST_CASE("two processes on one store that name different servers take turns, and say so") {
  boost::asio::io_context loop;
  auto one = std::make_shared<MemoryServer>(), other = std::make_shared<MemoryServer>();
  Site site;
  Process a(loop, one, site), b(loop, other, site);
  other->set_down(true);
  testing::run(loop, take_turns(a, b, one, other));
}
