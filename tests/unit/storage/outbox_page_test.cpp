#include "storage/outbox_page.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "storage/merge.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using storage::Foreign;
using storage::OutboxPage;

namespace {

/// Two processes on one file.
struct Desk {
  boost::asio::io_context loop;
  testing::FakeClock clock;
  testing::MemoryStore mine{clock};
  std::unique_ptr<testing::MemoryStore> other = mine.sibling();

  boost::asio::awaitable<void> put(storage::Store& store, std::string id) {
    storage::WriteFunction write = [id](storage::WriteTransaction& tx) {
      Record record;
      record.key = RecordKey("ns", MemoryType::episodic, id);
      record.value = "v";
      storage::put_local(tx, record, std::nullopt);
    };
    co_await store.write(std::move(write), storage::Durability::process);
  }

  boost::asio::awaitable<void> look(Foreign foreign, std::size_t limit, OutboxPage& page) {
    storage::ReadFunction read = [&](storage::ReadTransaction& tx) {
      page = storage::read_outbox(tx, "ns", 0, mine.process_id(), foreign, clock.now(), limit);
    };
    co_await mine.read(std::move(read));
  }

  void write(storage::Store& store, const std::string& id) { testing::run(loop, put(store, id)); }
  std::string ids(Foreign foreign, std::size_t limit = 100) {
    OutboxPage page;
    testing::run(loop, look(foreign, limit, page));
    std::string all;
    for (const auto& row : page.rows) all += row.record.key.id;
    return all + (page.more ? "+" : "");
  }
};

}  // namespace

TEST_CASE("rows of another process are left to it for a second") {
  Desk desk;
  desk.write(desk.mine, "a");
  desk.write(*desk.other, "b");
  CHECK(desk.ids(Foreign::none) == "a");
  CHECK(desk.ids(Foreign::old) == "a");
  CHECK(desk.ids(Foreign::all) == "ab");
  desk.clock.advance(Milliseconds(1001));
  CHECK(desk.ids(Foreign::none) == "a");
  CHECK(desk.ids(Foreign::old) == "ab");
}

TEST_CASE("rows of a process that died do not wait for a clock that was set back") {
  Desk desk;
  desk.write(*desk.other, "b");
  desk.clock.wall -= std::chrono::hours(2);
  CHECK(desk.ids(Foreign::old) == "b");
}

TEST_CASE("young rows of others do not hide the rows behind them") {
  Desk desk;
  desk.write(*desk.other, "b");
  desk.write(*desk.other, "c");
  desk.write(desk.mine, "a");
  CHECK(desk.ids(Foreign::old, 1) == "a+");
  CHECK(desk.ids(Foreign::old, 2) == "a");
}
