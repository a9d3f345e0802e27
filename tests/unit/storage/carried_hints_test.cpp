// Small changes that come within the message that tells of them: committed without a pull, and believed until
// the next one only.

#include <doctest/doctest.h>

#include "tests/support/run.hpp"
#include "tests/unit/storage/sync_pair.hpp"

using namespace comem;
using namespace comem::testing;
using storage::Hint;
using storage::Position;

namespace {

boost::asio::awaitable<Position> position_of(Process& process) {
  Position position;
  storage::ReadFunction look = [&](storage::ReadTransaction& tx) { position = tx.position("ns"); };
  co_await process.store.read(std::move(look));
  co_return position;
}

Position last_of(const MemoryServer& server) {
  const auto space = server.save().at("ns");
  return Position(space.epoch, space.seq);
}

Record made_by(const std::string& id, const std::string& value, std::int64_t ms) {
  Record record;
  record.key = RecordKey("ns", MemoryType::episodic, id);
  record.version = Version{ms, 0, "elsewhere"};
  record.writer = "agent";
  record.value = stored(value);
  return record;
}

/// Both have met the server and shared a record each.
boost::asio::awaitable<void> settle(Pair& p) {
  co_await p.a.put("a", "1");
  co_await p.b.until("a", "1");
  co_await p.b.put("b", "1");
  co_await p.a.until("b", "1");
  co_await p.a.flush();
  co_await p.b.flush();
}

boost::asio::awaitable<void> pull_again(Pair& p) {
  const auto pulls = p.server->pulls();
  p.b.sync.link(false);
  p.b.sync.link(true);
  Signal tick(p.loop.get_executor());
  while (p.server->pulls() == pulls) co_await tick.wait(in(Milliseconds(1)));
}

boost::asio::awaitable<void> commits_at_once(Pair& p) {
  co_await settle(p);
  const Position before = co_await position_of(p.b);
  const auto pulls = p.server->pulls();
  const int told = p.b.pulled;
  co_await p.a.put("x", "1");
  co_await p.b.until("x", "1");
  co_await p.a.put("x", "2");
  co_await p.b.until("x", "2");
  CHECK(p.server->pulls() == pulls);
  CHECK(p.b.pulled > told);
  // The position is moved by pulls alone.
  const Position after = co_await position_of(p.b);
  CHECK(after == before);
  co_await pull_again(p);
  co_await p.b.until("x", "2");
  co_await p.stop();
}

boost::asio::awaitable<void> forged_hides_nothing(Pair& p) {
  co_await settle(p);
  Hint forged(last_of(*p.server));
  ++forged.position.seq;  // the number that the next change will have
  forged.records.push_back(made_by("forged", "1", 1));
  p.server->tell("ns", forged);
  co_await p.b.until("forged", "1");
  p.server->drop_hints(true);
  co_await p.a.put("x", "1");
  co_await p.a.flush();
  p.server->drop_hints(false);
  co_await p.b.put("y", "1");  // its own push must not carry the position over what it has not seen
  co_await p.b.flush();
  co_await pull_again(p);
  co_await p.b.until("x", "1");
  co_await p.stop();
}

boost::asio::awaitable<void> stale_changes_nothing(Pair& p) {
  co_await settle(p);
  co_await p.a.put("x", "1");
  co_await p.b.until("x", "1");
  const Record old = *p.server->find(RecordKey("ns", MemoryType::episodic, "x"));
  co_await p.a.put("x", "2");
  co_await p.b.until("x", "2");
  Hint again(last_of(*p.server));
  again.records.push_back(old);
  for (const std::uint64_t seq : {again.position.seq - 1, again.position.seq, again.position.seq + 1}) {
    Hint late = again;
    late.position.seq = seq;
    p.server->tell("ns", late);
    p.server->tell("ns", late);
  }
  Hint other(Position("another epoch", again.position.seq + 1));
  other.records.push_back(made_by("other", "1", 1));
  p.server->tell("ns", other);
  co_await p.a.put("y", "1");
  co_await p.b.until("y", "1");
  const std::string x = co_await p.b.value("x"), missing = co_await p.b.value("other");
  CHECK(x == stored("2"));
  CHECK(missing.empty());
  co_await p.stop();
}

boost::asio::awaitable<void> gap_is_pulled(Pair& p) {
  co_await settle(p);
  p.server->drop_hints(true);
  co_await p.a.put("x", "1");
  co_await p.a.flush();
  p.server->drop_hints(false);
  co_await p.a.put("y", "1");
  co_await p.b.until("y", "1");
  co_await p.b.until("x", "1");
  co_await p.stop();
}

std::string flooded(std::size_t i) {
  return "f" + std::to_string(i);
}

boost::asio::awaitable<void> flood_is_bounded(Pair& p) {
  co_await settle(p);
  constexpr std::size_t told = 600;  // 256 wait, while one page at most is being written
  const auto pulls = p.server->pulls();
  Position position = last_of(*p.server);
  for (std::size_t i = 0; i < told; ++i) {
    ++position.seq;
    Hint hint(position);
    hint.records.push_back(made_by(flooded(i), "1", 1));
    p.b.sync.hint(std::move(hint));
  }
  Signal tick(p.loop.get_executor());
  while (p.server->pulls() == pulls) co_await tick.wait(in(Milliseconds(1)));  // for what had no room
  co_await p.a.put("x", "1");
  co_await p.b.until("x", "1");
  std::size_t taken = 0;
  for (std::size_t i = 0; i < told; ++i) {
    const std::string value = co_await p.b.value(flooded(i));
    if (!value.empty()) ++taken;
  }
  CHECK(taken >= 256);
  CHECK(taken <= 2 * 256);
  co_await p.stop();
}

}  // namespace

TEST_CASE("a small change is committed as it comes with its message, and its position by a pull") {
  Pair p;
  testing::run(p.loop, commits_at_once(p));
}

TEST_CASE("an untrue message hides no change, even beside own pushes") {
  Pair p;
  testing::run(p.loop, forged_hides_nothing(p));
}

TEST_CASE("stale and repeated messages, and those of another history, bring nothing back") {
  Pair p;
  testing::run(p.loop, stale_changes_nothing(p));
}

TEST_CASE("a message behind a gap leads to a pull") {
  Pair p;
  testing::run(p.loop, gap_is_pulled(p));
}

TEST_CASE("messages that come faster than the store writes wait up to a bound; the rest is pulled") {
  Pair p;
  testing::run(p.loop, flood_is_bounded(p));
}
