// The store's threads: group commit, snapshots, whose executor resumes, and what becomes of callers that are
// gone.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <future>
#include <thread>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"

namespace comem::testing {
namespace {

using storage::Durability;
using storage::ReadTransaction;
using storage::WriteTransaction;

/// Keeps the writer busy until released, so that what is queued meanwhile is one group.
class Gate {
 public:
  storage::WriteFunction function() {
    return [this](WriteTransaction&) {
      entered_.set_value();
      opened_.get_future().wait();
    };
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

storage::WriteFunction put_one(std::string id) {
  return [record = make_record(std::move(id))](WriteTransaction& w) { w.put(record, true); };
}

boost::asio::awaitable<void> write_many(storage::Store& store, std::string prefix, int count,
                                        Durability durability) {
  for (int i = 0; i < count; ++i) {
    auto function = put_one(prefix + std::to_string(i));
    co_await store.write(std::move(function), durability);
  }
}

/// Counts how often a call came back to the strand that it was made on, on one of the pool's threads.
boost::asio::awaitable<void> call_on_strand(storage::Store& store,
                                            boost::asio::strand<boost::asio::any_io_executor> own,
                                            std::atomic<int>& at_home) {
  for (int i = 0; i < 50; ++i) {
    auto function = put_one("s" + std::to_string(i));
    co_await store.write(std::move(function), Durability::process);
    if (own.running_in_this_thread()) ++at_home;
    storage::ReadFunction question = [](ReadTransaction& r) { r.last_change(); };
    co_await store.read(std::move(question));
    if (own.running_in_this_thread()) ++at_home;
  }
}

void nothing(std::exception_ptr) {}

}  // namespace

TEST_CASE("writers in flight share commits and syncs") {
  const Directory directory;
  const auto store = open_file(directory.file());
  boost::asio::io_context context;
  int failed = 0;
  for (int w = 0; w < 64; ++w) {
    auto writes = write_many(*store, "w" + std::to_string(w) + "-", 20, Durability::power);
    boost::asio::co_spawn(context, std::move(writes),
                          [&](std::exception_ptr error) { failed += error != nullptr; });
  }
  context.run_for(std::chrono::seconds(60));
  CHECK(context.stopped());
  CHECK(failed == 0);
  const auto statistics = store->statistics();
  CHECK(statistics.writes == 64 * 20);
  CHECK(statistics.commits < 64 * 20 / 4);
  CHECK(statistics.syncs == statistics.commits);
}

TEST_CASE("one caller that wants power safety makes its whole group sync, and no other group") {
  const Directory directory;
  const auto store = open_file(directory.file());
  boost::asio::io_context context;
  Gate gate;
  boost::asio::co_spawn(context, store->write(gate.function(), Durability::process), nothing);
  context.poll();
  gate.wait_until_entered();
  for (int i = 0; i < 10; ++i) {
    const auto durability = i == 5 ? Durability::power : Durability::process;
    boost::asio::co_spawn(context, store->write(put_one("r" + std::to_string(i)), durability), nothing);
  }
  context.poll();
  CHECK(store->statistics().commits == 0);
  gate.open();
  context.run_for(std::chrono::seconds(60));
  CHECK(store->statistics().commits == 2);
  CHECK(store->statistics().writes == 11);
  CHECK(store->statistics().syncs == 1);
}

TEST_CASE("a group too big for one transaction goes on in the next one") {
  const Directory directory;
  const auto store = open_file(directory.file());
  boost::asio::io_context context;
  Gate gate;
  std::vector<std::uint64_t> changes;
  boost::asio::co_spawn(context, store->write(gate.function(), Durability::process), nothing);
  context.poll();
  gate.wait_until_entered();
  for (int i = 0; i < 20; ++i) {
    auto function = [&changes, i](WriteTransaction& w) {
      auto record = make_record("r" + std::to_string(i));
      record.value.assign(1u << 20, 'v');
      changes.push_back(w.put(record, true));
    };
    boost::asio::co_spawn(context, store->write(std::move(function), Durability::process), nothing);
  }
  context.poll();
  gate.open();
  context.run_for(std::chrono::seconds(60));
  CHECK(store->statistics().writes == 21);
  CHECK(store->statistics().commits > 3);
  REQUIRE(changes.size() == 20);
  for (std::size_t i = 0; i < changes.size(); ++i) CHECK(changes[i] == i + 1);  // in the order of the calls
}

TEST_CASE("functions run on the store's threads and callers resume on their own") {
  const Directory directory;
  const auto store = open_file(directory.file());
  std::thread::id write_thread;
  std::thread::id read_thread;
  write(*store, [&](WriteTransaction&) { write_thread = std::this_thread::get_id(); });
  read(*store, [&](ReadTransaction&) { read_thread = std::this_thread::get_id(); });
  CHECK(write_thread != std::this_thread::get_id());
  CHECK(read_thread != std::this_thread::get_id());
  CHECK(read_thread != write_thread);

  boost::asio::thread_pool pool(3);
  std::atomic<int> at_home{0};
  for (int i = 0; i < 4; ++i) {
    auto own = boost::asio::make_strand(boost::asio::any_io_executor(pool.get_executor()));
    boost::asio::co_spawn(own, call_on_strand(*store, own, at_home), nothing);
  }
  pool.join();  // returns at all, and only once every call came back: the store keeps the pool's work counted
  CHECK(at_home == 4 * 50 * 2);
}

TEST_CASE("a read sees one moment, whatever is committed meanwhile") {
  const Directory directory;
  const auto store = open_file(directory.file());
  put(*store, make_record("a"));
  read(*store, [&](ReadTransaction& r) {
    CHECK(r.last_change() == 1);
    std::thread([&] { put(*store, make_record("b")); }).join();
    CHECK(r.last_change() == 1);
    CHECK(store->data_version(r) == 1);
    CHECK(r.changes("n", 0, 10).size() == 1);
  });
  CHECK(ask(*store, [](ReadTransaction& r) { return r.changes("n", 0, 10).size(); }) == 2);
}

TEST_CASE("closing finishes what is queued") {
  const Directory directory;
  auto store = open_file(directory.file());
  boost::asio::io_context context;
  Gate gate;
  int answered = 0;
  boost::asio::co_spawn(context, store->write(gate.function(), Durability::process), nothing);
  context.poll();
  gate.wait_until_entered();
  for (int i = 0; i < 50; ++i)
    boost::asio::co_spawn(context, store->write(put_one("r" + std::to_string(i)), Durability::process),
                          [&](std::exception_ptr error) { answered += error == nullptr; });
  context.poll();
  std::thread closing([&] { store->close(); });
  gate.open();
  closing.join();
  context.run_for(std::chrono::seconds(60));
  CHECK(answered == 50);
  CHECK_THROWS_AS(put(*store, make_record("late")), Error);
  store = open_file(directory.file());
  CHECK(ask(*store, [](ReadTransaction& r) { return r.changes("n", 0, 100).size(); }) == 50);
}

TEST_CASE("a caller whose executor has ended is not missed, and its write stands") {
  const Directory directory;
  const auto store = open_file(directory.file());
  Gate gate;
  bool resumed = false;
  {
    boost::asio::io_context context;
    boost::asio::co_spawn(context, store->write(gate.function(), Durability::process),
                          [&](std::exception_ptr) { resumed = true; });
    for (int i = 0; i < 5; ++i)
      boost::asio::co_spawn(context, store->write(put_one("r" + std::to_string(i)), Durability::process),
                            [&](std::exception_ptr) { resumed = true; });
    context.poll();
    gate.wait_until_entered();
  }
  gate.open();
  CHECK(put(*store, make_record("next")) == 6);
  CHECK_FALSE(resumed);
}

TEST_CASE("contexts may end at any moment of a call") {
  const Directory directory;
  const auto store = open_file(directory.file());
  for (int round = 0; round < 200; ++round) {
    boost::asio::io_context context;
    for (int i = 0; i < 4; ++i) {
      auto writes = write_many(*store, "r" + std::to_string(i), 3, Durability::process);
      boost::asio::co_spawn(context, std::move(writes), nothing);
    }
    context.run_for(std::chrono::microseconds(50 * (round % 40)));
  }
  CHECK_NOTHROW(put(*store, make_record("next")));
}

TEST_CASE("a coroutine that owns the store may be destroyed while it waits") {
  const Directory directory;
  Gate gate;
  {
    boost::asio::io_context context;
    auto store = open_file(directory.file());
    auto& borrowed = *store;
    boost::asio::co_spawn(context, borrowed.write(gate.function(), Durability::process),
                          [owned = std::move(store)](std::exception_ptr) {});
    context.poll();
    gate.wait_until_entered();
    gate.open();
  }
  CHECK_NOTHROW(open_file(directory.file()));
}

TEST_CASE("the log stays bounded under writing and overlapping reads") {
  const Directory directory;
  const auto store = open_file(directory.file(), 2);
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  const auto read_on = [&] {
    while (!stop) {
      read(*store, [&](ReadTransaction& r) {
        r.last_change();
        std::this_thread::sleep_for(std::chrono::milliseconds(3));  // two of these always overlap
      });
      ++reads;
    }
  };
  std::thread first(read_on);
  std::thread second(read_on);
  std::uintmax_t longest = 0;
  for (int i = 0; i < 120; ++i) {
    write(*store, [&](WriteTransaction& w) {
      auto record = make_record("r" + std::to_string(i % 10));
      record.value.assign(1u << 20, static_cast<char>(i));  // SQLite does not write what is the same already
      w.put(record, false);
    });
    longest = std::max(longest, std::filesystem::file_size(directory.file() + "-wal"));
  }
  stop = true;
  first.join();
  second.join();
  CHECK(reads > 0);
  CHECK(store->statistics().checkpoints > 0);
  CHECK(longest < (64u << 20));
}

}  // namespace comem::testing
