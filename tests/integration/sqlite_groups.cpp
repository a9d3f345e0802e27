// Whose writes share a transaction, and for whom one that is synced waits.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <future>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "adapters/sqlite/group_window.hpp"
#include "adapters/sqlite/jobs.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"

namespace comem::testing {
namespace {

using sqlite::GroupWindow;
using sqlite::Job;
using sqlite::JobQueue;
using std::chrono::milliseconds;
using storage::Durability;
using storage::ReadTransaction;
using storage::WriteTransaction;

storage::WriteFunction put_one(std::string id) {
  return [record = make_record(std::move(id))](WriteTransaction& w) { w.put(record, true); };
}

boost::asio::awaitable<void> write_again(storage::Store& store, std::string prefix, int count) {
  for (int i = 0; i < count; ++i) {
    auto function = put_one(prefix + std::to_string(i));
    co_await store.write(std::move(function), Durability::power);
  }
}

}  // namespace

TEST_CASE("a synced commit waits for those whom the last one answered, and for nobody else") {
  GroupWindow window;
  const GroupWindow::Moment now{std::chrono::hours(1)};
  CHECK(window.wanted(1) == 0);  // nobody is known yet
  window.synced(1, 0, milliseconds(4), now);
  CHECK(window.wanted(1) == 0);  // who is alone waits for nobody
  window.synced(1, 2, milliseconds(4), now);
  CHECK(window.wanted(2) == 1);
  CHECK(window.wanted(3) == 0);
  CHECK(window.wanted(4) == 0);
  window.synced(30, 20, milliseconds(4), now);
  CHECK(window.wanted(1) == 8);  // some at a time, while others are still at it
  CHECK(window.wanted(45) == 5);
}

TEST_CASE("it waits for a quarter of a sync, and for the length of one in all") {
  GroupWindow window;
  const GroupWindow::Moment now{std::chrono::hours(1)};
  window.synced(2, 0, milliseconds(4), now);
  CHECK(window.until(now) == now + milliseconds(1));
  CHECK(window.until(now + milliseconds(2)) == now + milliseconds(3));
  CHECK(window.until(now + milliseconds(3)) == now + milliseconds(4));
  CHECK(window.until(now + milliseconds(60)) == now + milliseconds(4));  // long gone
}

TEST_CASE("whoever waits for more is woken when enough are there") {
  boost::asio::io_context context;
  JobQueue queue;
  const auto push = [&](Durability durability) {
    auto handler = boost::asio::bind_executor(context.get_executor(), [](const std::exception_ptr&) {});
    Job job([](WriteTransaction&) {}, durability, Answer::to(std::move(handler)));
    CHECK(queue.push(job));
  };
  push(Durability::process);
  auto group = queue.take(3);
  CHECK(group.size() == 1);
  push(Durability::power);
  push(Durability::process);
  CHECK(queue.waiting(Durability::power) == 1);
  const auto now = std::chrono::steady_clock::now();
  queue.take_more(group, 2, 1, now + std::chrono::hours(1));
  CHECK(group.size() == 2);
  queue.take_more(group, 5, 4, now);  // too few, but it is time
  CHECK(group.size() == 3);
  queue.take_more(group, 5, 1, now);
  CHECK(group.size() == 3);
}

TEST_CASE("callers who write again and again share their syncs") {
  const Directory directory;
  const auto store = open_file(directory.file());
  boost::asio::io_context context;
  constexpr int callers = 16, writes = 40;
  for (int c = 0; c < callers; ++c)
    boost::asio::co_spawn(context, write_again(*store, "c" + std::to_string(c) + "-", writes),
                          [](std::exception_ptr error) { CHECK(error == nullptr); });
  context.run_for(std::chrono::seconds(60));
  CHECK(context.stopped());
  const auto statistics = store->statistics();
  CHECK(statistics.writes == callers * writes);
  MESSAGE("syncs for ", writes, " writes of each of ", callers, " callers: ", statistics.syncs);
  CHECK(statistics.syncs < callers * writes / 2);
}

TEST_CASE("a function that fails after it has written has the others of its transaction run again") {
  const Directory directory;
  const auto store = open_file(directory.file());
  boost::asio::io_context context;
  std::vector<storage::OutboxRow> told;
  store->on_queued([&](std::vector<storage::Queued> queued) {
    for (auto& one : queued) std::move(one.rows.begin(), one.rows.end(), std::back_inserter(told));
  });
  std::promise<void> entered, opened;
  int begun = 0, ran = 0, refused = 0;
  const storage::WriteFunction gate = [&](WriteTransaction&) {
    if (begun++ != 0) return;
    entered.set_value();
    opened.get_future().wait();
  };
  const storage::WriteFunction counted = [&](WriteTransaction& w) {
    ++ran;
    w.put(make_record("counted" + std::to_string(w.last_change())), true);
  };
  const storage::WriteFunction refuses = [](WriteTransaction&) { throw std::runtime_error("no"); };
  const storage::WriteFunction fails = [](WriteTransaction& w) {
    w.put(make_record("undone"), true);
    throw std::runtime_error("too late");
  };
  const auto spawn = [&](storage::WriteFunction function) {
    boost::asio::co_spawn(context, store->write(std::move(function), Durability::process),
                          [&](std::exception_ptr error) { refused += error != nullptr; });
    context.poll();
  };
  spawn(gate);
  entered.get_future().wait();
  SUBCASE("not where it has written nothing") {
    for (const auto& function : {counted, refuses, counted}) spawn(function);
    opened.set_value();
    context.run_for(std::chrono::seconds(60));
    CHECK(ran == 2);
  }
  SUBCASE("once more") {
    for (const auto& function : {counted, fails, counted}) spawn(function);
    opened.set_value();
    context.run_for(std::chrono::seconds(60));
    CHECK(ran == 3);  // the first of them twice
  }
  CHECK(refused == 1);
  CHECK(store->statistics().commits == 2);
  CHECK(store->statistics().writes == 3);
  CHECK(ids_of(ask(*store, [](ReadTransaction& r) { return r.changes("n", 0, 10); })) == "counted0 counted1");
  CHECK(ask(*store, [](ReadTransaction& r) { return r.last_change(); }) == 2);
  write(*store, [](WriteTransaction&) {});  // what came before was told before this is answered
  CHECK(ids_of(told) == "counted0 counted1");
}

}  // namespace comem::testing
