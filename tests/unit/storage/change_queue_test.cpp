#include "storage/change_queue.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <doctest/doctest.h>

#include "tests/support/run.hpp"

using namespace comem;

namespace {

Change change(const std::string& id) {
  Change one;
  one.id = id;
  return one;
}

Record written_by(const std::string& agent, MemoryType type) {
  Record record;
  record.key.type = type;
  record.writer = agent;
  return record;
}

boost::asio::awaitable<void> read_three(std::shared_ptr<ChangeQueue> queue) {
  Subscription stream(queue);
  const auto first = co_await stream.next();
  REQUIRE(first);
  CHECK(first->id == "2");
  CHECK(first->dropped_before == 2);
  const auto second = co_await stream.next();
  REQUIRE(second);
  CHECK(second->id == "3");
  CHECK(second->dropped_before == 0);
  CHECK(stream.dropped() == 2);
  stream.close();
  const auto end = co_await stream.next();
  CHECK_FALSE(end);
}

boost::asio::awaitable<void> wait_for_end(std::shared_ptr<ChangeQueue> queue, bool& ended) {
  const auto change = co_await ChangeQueue::next(queue);
  CHECK_FALSE(change);
  ended = true;
}

}  // namespace

TEST_CASE("a full queue drops the oldest change and says so with the next") {
  auto queue = std::make_shared<ChangeQueue>("me", std::set<MemoryType>{}, 2);
  for (const auto* id : {"0", "1", "2", "3"}) queue->push(change(id));
  boost::asio::io_context loop;
  testing::run(loop, read_three(queue));
}

TEST_CASE("only other agents' changes of the wanted types are wanted") {
  const ChangeQueue all("me", {}, 1);
  CHECK(all.wants(written_by("you", MemoryType::episodic)));
  CHECK_FALSE(all.wants(written_by("me", MemoryType::episodic)));
  CHECK_FALSE(all.wants(written_by("you", MemoryType::working)));
  const ChangeQueue skills("me", {MemoryType::skill}, 1);
  CHECK(skills.wants(written_by("you", MemoryType::skill)));
  CHECK_FALSE(skills.wants(written_by("you", MemoryType::episodic)));
}

TEST_CASE("closing ends a waiting next()") {
  auto queue = std::make_shared<ChangeQueue>("me", std::set<MemoryType>{}, 2);
  boost::asio::io_context loop;
  bool ended = false;
  boost::asio::post(loop, [&] { boost::asio::post(loop, [&] { queue->close(); }); });
  testing::run(loop, wait_for_end(queue, ended));
  CHECK(ended);
}

TEST_CASE("a waiting next() can be cancelled") {
  auto queue = std::make_shared<ChangeQueue>("me", std::set<MemoryType>{}, 2);
  boost::asio::io_context loop;
  boost::asio::cancellation_signal signal;
  bool cancelled = false;
  bool ended = false;
  auto on_end = [&](std::exception_ptr error) { cancelled = error != nullptr; };
  boost::asio::co_spawn(loop, wait_for_end(queue, ended),
                        boost::asio::bind_cancellation_slot(signal.slot(), on_end));
  boost::asio::post(
      loop, [&] { boost::asio::post(loop, [&] { signal.emit(boost::asio::cancellation_type::terminal); }); });
  loop.run_for(std::chrono::seconds(10));
  CHECK(cancelled);
  CHECK_FALSE(ended);
}
