#include "storage/fresh_rows.hpp"

#include <doctest/doctest.h>

using namespace comem;
using storage::FreshRows;
using storage::OutboxRow;
using storage::Queued;

namespace {

OutboxRow row(const std::string& id, std::uint64_t change, std::size_t bytes = 10) {
  OutboxRow row;
  row.record.key = RecordKey("ns", MemoryType::episodic, id);
  row.record.value.assign(bytes, 'v');
  row.change = change;
  return row;
}

Queued commit(std::vector<OutboxRow> rows) {
  Queued queued;
  queued.ns = "ns";
  queued.rows = std::move(rows);
  queued.through = queued.rows.empty() ? 0 : queued.rows.back().change;
  return queued;
}

/// Keeps what is added.
struct Keeping : FreshRows {
  Keeping() { keep(true); }
};

/// The rows after a change, then a plus where more follow; "?" where the outbox must be asked.
std::string after(FreshRows& fresh, std::uint64_t change, std::size_t limit = 100) {
  const auto page = fresh.page(change, limit);
  if (!page) return "?";
  std::string all;
  for (const auto& row : page->rows) all += row.record.key.id + std::to_string(row.change) + ' ';
  return all + (page->more ? "+" : "");
}

}  // namespace

TEST_CASE("rows that were queued are at hand once, in the order of change") {
  Keeping fresh;
  fresh.add(commit({row("a", 5), row("b", 6)}));
  fresh.add(commit({row("c", 9)}));
  CHECK(after(fresh, 4, 2) == "a5 b6 +");
  CHECK(after(fresh, 6) == "c9 ");
  CHECK(after(fresh, 9) == "");
}

TEST_CASE("what was queued before the first row is in the outbox only") {
  Keeping fresh;
  CHECK(after(fresh, 0) == "?");
  fresh.add(commit({row("a", 5)}));
  CHECK(after(fresh, 3) == "?");
  fresh.passed(5);  // the outbox was read
  CHECK(after(fresh, 5) == "");
  fresh.add(commit({row("b", 7)}));
  CHECK(after(fresh, 5) == "b7 ");
}

TEST_CASE("a sweep that goes back is not answered from here") {
  Keeping fresh;
  fresh.add(commit({row("a", 5), row("b", 6)}));
  CHECK(after(fresh, 4) == "a5 b6 ");
  CHECK(after(fresh, 5) == "?");  // b was handed out, and stands in the outbox until it is acknowledged
  CHECK(after(fresh, 6) == "");
}

TEST_CASE("what was queued without its record is in the outbox only, and all before it") {
  Keeping fresh;
  fresh.add(commit({row("a", 5)}));
  SUBCASE("one") {
    Queued counted = commit({row("b", 7)});
    counted.others = 1;
    counted.through = 8;
    fresh.add(counted);
  }
  SUBCASE("all") {
    Queued swept;
    swept.all = true;
    swept.through = 8;
    fresh.add(swept);
  }
  CHECK(after(fresh, 4) == "?");
  CHECK(after(fresh, 7) == "?");
  fresh.add(commit({row("c", 9)}));
  CHECK(after(fresh, 8) == "c9 ");
}

TEST_CASE("nothing is kept while nobody takes it") {
  FreshRows fresh;
  fresh.add(commit({row("a", 5)}));
  CHECK(after(fresh, 4) == "?");
  fresh.keep(true);
  fresh.add(commit({row("b", 6)}));
  fresh.keep(false);
  fresh.keep(true);
  CHECK(after(fresh, 5) == "?");
  fresh.add(commit({row("c", 7)}));
  CHECK(after(fresh, 6) == "c7 ");
}

TEST_CASE("rows beyond a bound are left to the outbox") {
  Keeping fresh;
  std::uint64_t change = 0;
  SUBCASE("many rows") {
    for (int i = 0; i < 2001; ++i) fresh.add(commit({row("a", ++change)}));
  }
  SUBCASE("many bytes") {
    for (int i = 0; i < 9; ++i) fresh.add(commit({row("a", ++change, 1u << 20)}));
  }
  CHECK(after(fresh, 0) == "?");
  CHECK(after(fresh, change) == "");
}

TEST_CASE("a page ends with the row that fills it") {
  Keeping fresh;
  const std::size_t half = storage::outbox_page_bytes / 2;
  fresh.add(commit({row("a", 1, half), row("b", 2, half), row("c", 3)}));
  CHECK(after(fresh, 0) == "a1 b2 +");
  CHECK(after(fresh, 2) == "c3 ");
}

TEST_CASE("of a record that was written over only the last is sent") {
  Keeping fresh;
  fresh.add(commit({row("a", 1), row("b", 2)}));
  fresh.add(commit({row("a", 3), row("c", 4)}));
  CHECK(after(fresh, 0) == "b2 a3 c4 ");
}
