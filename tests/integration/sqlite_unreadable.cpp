// Rows that cannot be read, in an otherwise sound file: each is an error for its own record alone.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "storage/merge.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"

namespace comem::testing {
namespace {

using storage::ReadTransaction;
using storage::WriteTransaction;

/// A store with the records r0 to r9, of which those named by the SQL condition are spoilt.
class SpoiltStore {
 public:
  explicit SpoiltStore(const std::string& condition,
                       const std::string& damage = "counters = CAST('xs1=many' AS BLOB)") {
    write(*store_, [](WriteTransaction& w) {
      for (int i = 0; i < 10; ++i) {
        auto record = make_record("r" + std::to_string(i));
        record.lookup = "s";
        record.created_at += Milliseconds(i);
        w.put(record, true);
      }
    });
    execute(directory_.file(), "UPDATE records SET " + damage + " WHERE " + condition);
  }
  storage::Store& operator*() { return *store_; }

 private:
  const Directory directory_;
  std::unique_ptr<sqlite::SqliteStore> store_ = open_file(directory_.file());
};

/// What a reader finds that pages until a page is short, as the index does.
std::string paged_changes(ReadTransaction& r, std::size_t page) {
  std::vector<Record> all;
  std::uint64_t after = 0;
  for (int round = 0; round < 20; ++round) {
    const auto records = r.changes("n", after, page);
    all.insert(all.end(), records.begin(), records.end());
    if (records.size() < page) return ids_of(all);
    after = records.back().change;
  }
  return "no end";
}

std::string paged_list(ReadTransaction& r, std::size_t page) {
  std::vector<Record> all;
  std::string after;
  for (int round = 0; round < 20; ++round) {
    const auto records = r.list("n", MemoryType::episodic, after, test_start, page);
    all.insert(all.end(), records.begin(), records.end());
    if (records.size() < page) return ids_of(all);
    after = records.back().key.id;
  }
  return "no end";
}

std::string paged_outbox(ReadTransaction& r, std::size_t page) {
  std::vector<storage::OutboxRow> all;
  std::uint64_t after = 0;
  for (int round = 0; round < 20; ++round) {
    const auto rows = r.outbox("n", after, "", test_start, page);
    all.insert(all.end(), rows.begin(), rows.end());
    if (!storage::is_cut(rows, page)) return ids_of(all);
    after = rows.back().change;
  }
  return "no end";
}

}  // namespace

TEST_CASE("scans skip rows whose counters cannot be read, wherever the pages end") {
  for (const char* condition : {"id = x'7230'", "id = x'7239'", "change IN (3, 4, 5)", "change > 4", "1"}) {
    CAPTURE(condition);
    SpoiltStore store(condition);
    std::string expected;
    std::string reversed;
    read(*store, [&](ReadTransaction& r) {
      for (int i = 0; i < 10; ++i) {
        const std::string id = "r" + std::to_string(i);
        try {
          r.get(make_record(id).key);
        } catch (const Error&) {
          continue;
        }
        expected += (expected.empty() ? "" : " ") + id;
        reversed = id + (reversed.empty() ? "" : " ") + reversed;
      }
      CHECK(expected.size() < 29);
      for (const std::size_t page : {1u, 2u, 3u, 7u, 100u}) {
        CAPTURE(page);
        CHECK(paged_changes(r, page) == expected);
        CHECK(paged_list(r, page) == expected);
        CHECK(paged_outbox(r, page) == expected);
      }
      CHECK(ids_of(r.newest("n", {MemoryType::episodic}, test_start, 100)) == reversed);
      CHECK(ids_of(r.find("n", MemoryType::episodic, "s", test_start, 100)) == reversed);
      CHECK(r.newest("n", {MemoryType::episodic}, test_start, 1).size() == (expected.empty() ? 0 : 1));
    });
  }
}

TEST_CASE("rows of a type that this program does not know are skipped") {
  SpoiltStore store("change IN (1, 2, 10)", "type = 9");
  read(*store, [](ReadTransaction& r) {
    CHECK(paged_changes(r, 2) == "r2 r3 r4 r5 r6 r7 r8");
    CHECK(paged_outbox(r, 2) == "r2 r3 r4 r5 r6 r7 r8");
    CHECK(r.counts("n", test_start).live.at(MemoryType::episodic) == 7);
    CHECK(r.counts("n", test_start).live.size() == 1);
  });
}

TEST_CASE("asking for an unreadable record says which it is") {
  SpoiltStore store("id = x'7233'");
  bool thrown = false;
  try {
    read(*store, [](ReadTransaction& r) { r.get(make_record("r3").key); });
  } catch (const Error& error) {
    thrown = true;
    CHECK(error.code() == errc::corrupt);
    const std::string text = error.what();
    CHECK_MESSAGE(text.find("episodic record 'r3' of namespace 'n'") != std::string::npos, text);
    CHECK_MESSAGE(text.find("xs1=many") != std::string::npos, text);
    CHECK_MESSAGE(text.find("; ") != std::string::npos, text);  // the way out
  }
  CHECK(thrown);
  CHECK(ask(*store, [](ReadTransaction& r) { return r.get(make_record("r4").key).has_value(); }));
}

TEST_CASE("a record from elsewhere takes an unreadable one's place, so that sharing goes on") {
  SpoiltStore store("id = x'7233'");
  auto incoming = make_record("r3");
  incoming.version = Version{1, 0, "other"};
  incoming.value = "mended";
  write(*store, [&](WriteTransaction& w) {
    CHECK(storage::merge_remote(w, incoming, test_start));
    CHECK(storage::merge_remote(w, make_record("new"), test_start));
  });
  read(*store, [&](ReadTransaction& r) {
    CHECK(r.get(incoming.key)->value == "mended");
    CHECK(r.changes("n", 0, 100).size() == 11);
  });
}

}  // namespace comem::testing
