#pragma once
// Two stores that share through one server, all in memory.

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "core/envelope.hpp"
#include "core/task_scope.hpp"
#include "storage/merge.hpp"
#include "storage/namespace_sync.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_relay.hpp"
#include "tests/support/memory_store.hpp"

namespace comem::testing {

/// What a memory of this text is stored as.
inline std::string stored(const std::string& text) {
  return wrap_value("{\"text\":\"" + text + "\"}", 1024);
}

/// What outlives its processes: a clock and a store.
struct Site {
  FakeWallClock clock;
  MemoryStore store{clock};
};

/// One process: an opening of a store, its relay and the sync between them.
struct Process : storage::RelayListener {
  Process(boost::asio::io_context& loop, std::shared_ptr<MemoryServer> server, Site& site)
      : clock(site.clock),
        opened(site.store.sibling()),
        store(*opened),
        relay(server, loop.get_executor()),
        scope(loop.get_executor(), [](const std::string& why) { FAIL(why); }),
        sync(
            "ns", store, relay, options, clock, scope, [this] { ++pulled; },
            [this](const std::string& why) { trouble = why; }) {
    store.on_queued([this](std::vector<storage::Queued> all) { queued(std::move(all)); });
    relay.start(*this);
    sync.start();
  }

  void queued(std::vector<storage::Queued> all) {
    for (auto& one : all) {
      const std::size_t rows = one.count();
      sync.queued(std::move(one));
      if (rows != 0) sync.written(rows);
    }
  }

  void on_relay_state(RelayState state, const std::string&) override { sync.link(state == RelayState::up); }
  void on_relay_hint(const std::string&, storage::Hint hint) override { sync.hint(std::move(hint)); }

  boost::asio::awaitable<std::uint64_t> put(std::string id, std::string value) {
    std::uint64_t change = 0;
    storage::WriteFunction write = [&](storage::WriteTransaction& tx) {
      Record record;
      record.key = RecordKey("ns", MemoryType::episodic, id);
      record.value = stored(value);
      record.writer = "agent";
      change = storage::put_local(tx, record, tx.get(record.key)).change;
    };
    co_await store.write(std::move(write), storage::Durability::process);
    co_return change;
  }

  boost::asio::awaitable<std::string> value(std::string id) {
    std::string found;
    storage::ReadFunction read = [&](storage::ReadTransaction& tx) {
      const auto record = tx.get(RecordKey("ns", MemoryType::episodic, id));
      if (record) found = record->value;
    };
    co_await store.read(std::move(read));
    co_return found;
  }

  /// Waits until the record has this value, or (empty) is gone; bounded by the test's own limit.
  boost::asio::awaitable<void> until(std::string id, std::string wanted) {
    Signal tick(scope.executor());
    for (;;) {
      const std::string now = co_await value(id);
      if (wanted.empty() ? now.empty() : now == stored(wanted)) co_return;
      co_await tick.wait(std::chrono::steady_clock::now() + Milliseconds(1));
    }
  }

  boost::asio::awaitable<std::uint64_t> unshared() {
    std::uint64_t rows = 0;
    storage::ReadFunction read = [&rows](storage::ReadTransaction& tx) { rows = tx.unshared("ns"); };
    co_await store.read(std::move(read));
    co_return rows;
  }

  boost::asio::awaitable<void> stop() {
    scope.cancel();
    sync.give_up();
    co_await relay.stop();
    co_await scope.join();
  }

  boost::asio::awaitable<void> forget(std::string id) {
    storage::WriteFunction write = [&](storage::WriteTransaction& tx) {
      const auto record = tx.get(RecordKey("ns", MemoryType::episodic, id));
      REQUIRE(record.has_value());
      storage::remove_local(tx, *record, "agent", clock.now(), options.tombstone_ttl);
    };
    co_await store.write(std::move(write), storage::Durability::process);
  }

  /// Drops what has expired.
  boost::asio::awaitable<void> purge() {
    storage::WriteFunction write = [&](storage::WriteTransaction& tx) { tx.purge(clock.now(), 1000); };
    co_await store.write(std::move(write), storage::Durability::process);
  }

  boost::asio::awaitable<void> flush() {
    const bool flushed =
        co_await sync.flushed(std::chrono::steady_clock::now() + std::chrono::seconds(10), false);
    REQUIRE(flushed);
  }

  FakeWallClock& clock;
  Options options;
  std::unique_ptr<MemoryStore> opened;
  MemoryStore& store;
  MemoryRelay relay;
  int pulled = 0;
  std::string trouble;
  TaskScope scope;
  storage::NamespaceSync sync;
};

struct Pair {
  boost::asio::io_context loop;
  std::shared_ptr<MemoryServer> server = std::make_shared<MemoryServer>();
  Site site_a, site_b;
  Process a{loop, server, site_a};
  Process b{loop, server, site_b};

  boost::asio::awaitable<void> stop() {
    co_await a.stop();
    co_await b.stop();
  }
};

inline SteadyTime in(Milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace comem::testing
