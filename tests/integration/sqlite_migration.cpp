// Databases of older schemas are brought up to date, with everything that is in them.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "storage/vector_store.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"

namespace comem::testing {
namespace {

using storage::ReadTransaction;
using storage::WriteTransaction;

/// What comem with schema 1 left in a file: two records, one of them waiting to be shared, and a position.
constexpr auto schema_1 = R"sql(
CREATE TABLE migrations(wing TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE clock(one INTEGER PRIMARY KEY CHECK (one = 1), change INTEGER NOT NULL, ms INTEGER NOT NULL,
  counter INTEGER NOT NULL);
CREATE TABLE namespaces(key INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
CREATE TABLE records(key INTEGER PRIMARY KEY, ns INTEGER NOT NULL, type INTEGER NOT NULL, id BLOB NOT NULL,
  change INTEGER NOT NULL, version_ms INTEGER NOT NULL, version_counter INTEGER NOT NULL, version_store BLOB NOT NULL,
  deleted INTEGER NOT NULL, expires_at INTEGER NOT NULL, created_at INTEGER NOT NULL, writer BLOB NOT NULL,
  lookup BLOB NOT NULL, score REAL, counters BLOB NOT NULL, value BLOB NOT NULL);
CREATE UNIQUE INDEX records_by_id ON records(ns, type, id);
CREATE INDEX records_by_change ON records(ns, change, type, deleted, expires_at);
CREATE INDEX records_by_lookup ON records(ns, type, lookup, created_at, id) WHERE lookup <> x'' AND deleted = 0;
CREATE INDEX records_by_expiry ON records(expires_at) WHERE expires_at <> 0;
CREATE TABLE outbox(record INTEGER PRIMARY KEY, ns INTEGER NOT NULL, change INTEGER NOT NULL, origin BLOB NOT NULL,
  queued_at INTEGER NOT NULL);
CREATE INDEX outbox_by_change ON outbox(ns, change);
CREATE TABLE positions(ns INTEGER PRIMARY KEY, epoch BLOB NOT NULL, seq INTEGER NOT NULL);
INSERT INTO migrations VALUES('records', 1);
INSERT INTO meta VALUES('store_id', CAST('oldstore' AS BLOB)), ('created_at', 1);
INSERT INTO clock VALUES(1, 2, 1700000000000, 5);
INSERT INTO namespaces VALUES(1, CAST('n' AS BLOB));
INSERT INTO records VALUES
  (1, 1, 1, CAST('a' AS BLOB), 1, 1700000000000, 4, CAST('oldstore' AS BLOB), 0, 0, 1700000000000,
   CAST('w' AS BLOB), CAST('s' AS BLOB), 0.5, CAST('aold=2' AS BLOB), CAST('value a' AS BLOB)),
  (2, 1, 1, CAST('b' AS BLOB), 2, 1700000000000, 5, CAST('oldstore' AS BLOB), 1, 1900000000000, 1700000000000,
   x'', x'', NULL, x'', x'');
INSERT INTO outbox VALUES(2, 1, 2, CAST('process' AS BLOB), 1700000000000);
INSERT INTO positions VALUES(1, CAST('epoch' AS BLOB), 7);
PRAGMA application_id = 0x636f6d4d;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
)sql";

std::string sums(const std::string& path) {
  return ask_text(path, "SELECT group_concat(sum IS NULL) FROM (SELECT sum FROM records ORDER BY key)");
}

}  // namespace

TEST_CASE("a database of schema 1 is brought up to date with all that it holds") {
  const Directory directory;
  execute(directory.file(), schema_1);
  const auto a = make_record("a");
  {
    const auto store = open_file(directory.file());
    CHECK(store->schema_version() == 4);
    CHECK(store->store_id() == "oldstore");
    read(*store, [&](ReadTransaction& r) {
      const auto found = r.get(a.key);
      REQUIRE(found);
      CHECK(found->value == "value a");
      CHECK(found->counters.total(Counter::accesses) == 2);
      CHECK(r.get(make_record("b").key)->deleted);
      CHECK(r.position("n") == storage::Position("epoch", 7));
      CHECK(r.in_step_at("n") == TimePoint());
      CHECK(ids_of(r.outbox("n", 0, "", 0, 10)) == "b");
      CHECK(r.last_change() == 2);
      CHECK_FALSE(r.operation("n", "op", TimePoint()));
    });
    write(*store, [](WriteTransaction& w) {
      CHECK(w.stamp({}) > (Version{1'700'000'000'000, 5, "oldstore"}));
      w.note_operation("n", "op", "done", TimePoint(Milliseconds(9)));
    });
    for (const auto& finding : diagnose(*store))
      CHECK_MESSAGE(finding.severity != Finding::Severity::error, finding.text);
  }
  const auto store = open_file(directory.file());
  CHECK(ask(*store, [](ReadTransaction& r) { return r.operation("n", "op", TimePoint()); }) == "done");
}

TEST_CASE("a database of schema 2 gets tables for vectors, and keeps what it holds") {
  const Directory directory;
  {
    const auto store = open_file(directory.file());
    put(*store, make_record("a"));
  }
  execute(directory.file(),
          "DROP TABLE vector_claims; DROP TABLE vectors; DROP TABLE vector_marks; DROP TABLE vector_models; "
          "DELETE FROM migrations "
          "WHERE wing "
          "= 'vectors'; PRAGMA user_version = 2");
  const auto store = open_file(directory.file());
  CHECK(store->schema_version() == 4);
  CHECK(ask(*store, [](ReadTransaction& r) { return r.get(make_record("a").key).has_value(); }));
  CHECK(ask_text(directory.file(), "SELECT version FROM migrations WHERE wing = 'vectors'") == "2");
  const auto missing = [&](ReadTransaction& r) {
    return r.vectors()->vector_counts("n", 0, TimePoint()).missing;
  };
  CHECK(ask(*store, missing) == 1);
  write(*store, [](WriteTransaction& w) {
    auto& vectors = *w.vector_writes();
    const auto model = vectors.open_model("m", 1, TimePoint());
    vectors.keep(model.key, "text", {1.0f});
  });
  for (const auto& finding : diagnose(*store))
    CHECK_MESSAGE(finding.severity != Finding::Severity::error, finding.text);
}

TEST_CASE("rows of schema 1 have no checksum until they are written again") {
  const Directory directory;
  execute(directory.file(), schema_1);
  const auto store = open_file(directory.file());
  CHECK(sums(directory.file()) == "1,1");
  auto a = ask(*store, [](ReadTransaction& r) { return *r.get(make_record("a").key); });
  a.counters.add("s1", Counter::accesses, 1);
  write(*store, [&](WriteTransaction& w) { w.count(a, false); });
  CHECK(sums(directory.file()) == "1,1");
  CHECK(ask(*store, [&](ReadTransaction& r) { return r.get(a.key)->counters == a.counters; }));
  put(*store, a);
  CHECK(sums(directory.file()) == "0,1");
}

TEST_CASE("a database of schema 1 that lacks a table is refused and not half brought up") {
  const Directory directory;
  execute(directory.file(), schema_1);
  execute(directory.file(), "DROP TABLE outbox");
  try {
    open_file(directory.file());
    FAIL("opened");
  } catch (const Error& error) {
    CHECK_MESSAGE(error.code() == errc::corrupt, error.what());
  }
  CHECK(ask_text(directory.file(), "PRAGMA user_version") == "1");
  CHECK(ask_text(directory.file(), "SELECT count(*) FROM sqlite_schema WHERE name = 'operations'") == "0");
}

TEST_CASE("stores that open a database of schema 1 at once bring it up once") {
  const Directory directory;
  execute(directory.file(), schema_1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back(
        [&directory, i] { put(*open_file(directory.file()), make_record("t" + std::to_string(i))); });
  for (auto& thread : threads) thread.join();
  const auto store = open_file(directory.file());
  CHECK(ask(*store, [](ReadTransaction& r) { return r.changes("n", 0, 10).size(); }) == 6);
}

}  // namespace comem::testing
