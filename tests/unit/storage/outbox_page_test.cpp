#include "storage/outbox_page.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "storage/merge.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run.hpp"

using namespace comem;
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

  boost::asio::awaitable<void> look(std::uint64_t others_through, std::size_t limit, OutboxPage& page) {
    storage::ReadFunction read = [&](storage::ReadTransaction& tx) {
      page = storage::read_outbox(tx, "ns", 0, mine.process_id(), others_through, limit);
    };
    co_await mine.read(std::move(read));
  }

  void write(storage::Store& store, const std::string& id) { testing::run(loop, put(store, id)); }
  OutboxPage page(std::uint64_t others_through, std::size_t limit) {
    OutboxPage page;
    testing::run(loop, look(others_through, limit, page));
    return page;
  }
  std::string ids(std::uint64_t others_through, std::size_t limit = 100) {
    const OutboxPage page = this->page(others_through, limit);
    std::string all;
    for (const auto& row : page.rows) all += row.record.key.id;
    return all + (page.more ? "+" : "");
  }
};

}  // namespace

TEST_CASE("rows of another process are read as far as they are wanted") {
  Desk desk;
  desk.write(desk.mine, "a");
  desk.write(*desk.other, "b");
  desk.write(*desk.other, "c");
  CHECK(desk.ids(0) == "a");
  CHECK(desk.ids(2) == "ab");
  CHECK(desk.ids(3) == "abc");
}

TEST_CASE("rows that are left to another process do not hide the rows behind them") {
  Desk desk;
  desk.write(*desk.other, "b");
  desk.write(*desk.other, "c");
  desk.write(desk.mine, "a");
  CHECK(desk.ids(0, 1) == "a+");
  CHECK(desk.ids(0, 2) == "a");
  CHECK(desk.ids(1, 2) == "ba+");
}

TEST_CASE("a page that is not cut tells that the whole outbox was read, as of the last change") {
  Desk desk;
  CHECK(desk.page(0, 10).through == 0);
  desk.write(desk.mine, "a");
  desk.write(desk.mine, "b");
  desk.write(*desk.other, "c");
  CHECK(desk.page(0, 1).through == 1);
  CHECK(desk.page(0, 2).through == 2);  // full, so there may be more
  CHECK(desk.page(0, 3).through == 3);
  CHECK(desk.page(3, 10).through == 3);
}
