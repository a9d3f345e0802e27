// Several stores, and several processes, on one file.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "adapters/sqlite/commit_stamp.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_child.hpp"
#include "tests/integration/sqlite_files.hpp"

namespace comem::testing {
namespace {

/// Changes are numbered 1 to n without gap and versions rise with them.
void check_history(storage::Store& store, std::size_t records) {
  const auto changes =
      ask(store, [&](storage::ReadTransaction& r) { return r.changes("n", 0, 10 * records + 10); });
  REQUIRE(changes.size() == records);
  for (std::size_t i = 0; i < changes.size(); ++i) REQUIRE(changes[i].change == i + 1);
  for (std::size_t i = 1; i < changes.size(); ++i) REQUIRE(changes[i - 1].version < changes[i].version);
  CHECK(ask(store, [](storage::ReadTransaction& r) { return r.last_change(); }) == records);
}

}  // namespace

TEST_CASE("two stores on one file see each other's writes at once and share one clock") {
  const Directory directory;
  const auto a = open_file(directory.file());
  const auto b = open_file(directory.file());
  CHECK(a->store_id() == b->store_id());
  CHECK(a->process_id() != b->process_id());
  const auto version = [](storage::Store& store) {
    return ask(store, [&](storage::ReadTransaction& r) { return store.data_version(r); });
  };
  for (int i = 0; i < 20; ++i) {
    auto& writer = i % 2 == 0 ? *a : *b;
    auto& other = i % 2 == 0 ? *b : *a;
    const auto before = version(other);
    auto record = make_record("r" + std::to_string(i));
    write(writer, [&](storage::WriteTransaction& w) {
      record.version = w.stamp({});
      w.put(record, true);
    });
    CHECK(version(other) != before);
    CHECK(version(other) == version(writer));
    CHECK(ask(other, [&](storage::ReadTransaction& r) { return r.get(record.key).has_value(); }));
  }
  check_history(*a, 20);
  read(*a, [&](storage::ReadTransaction& r) {
    CHECK(r.outbox("n", 0, a->process_id(), 0, 100).size() == 10);
    CHECK(r.outbox("n", 0, b->process_id(), 0, 100).size() == 10);
  });
}

// What is kept in memory stays good over a commit of our own, but not over one of another process that came
// right behind it: the window is too short to be met by chance.
TEST_CASE("a commit of another connection right behind our own is not taken for a part of it") {
  const Directory directory;
  open_file(directory.file())->close();
  sqlite::Connection ours(directory.file(), errc::rejected);
  sqlite::Connection theirs(directory.file(), errc::rejected);
  ours.execute("CREATE TABLE numbers (number INTEGER)");
  sqlite::CommitStamp stamp;
  stamp.watch(ours);
  const auto before = stamp.read();
  REQUIRE(before.has_value());
  ours.execute("INSERT INTO numbers VALUES (1)");
  const auto after = stamp.read();
  theirs.execute("INSERT INTO numbers VALUES (2)");
  const auto later = stamp.read();
  CHECK(sqlite::CommitStamp::apart(*before, *before, 0));
  CHECK(sqlite::CommitStamp::apart(*before, *after, 1));
  CHECK_FALSE(sqlite::CommitStamp::apart(*before, *after, 0));
  CHECK_FALSE(sqlite::CommitStamp::apart(*before, *later, 1));
  stamp.watch(ours);
  CHECK_FALSE(sqlite::CommitStamp::apart(*after, *stamp.read(), 1));
}

TEST_CASE("processes that write at once number their changes without gap and stamp in order") {
  const Directory directory;
  constexpr int each = 60;
  constexpr int writers = 4;
  const auto store = open_file(directory.file());
  {
    Child one(directory, directory.file(), "one", each, writers);
    Child two(directory, directory.file(), "two", each, writers);
    Child three(directory, directory.file(), "three", each, writers);
    for (int i = 0; i < each; ++i)
      write(*store, [&](storage::WriteTransaction& w) {
        auto record = make_record("mine" + std::to_string(i));
        record.version = w.stamp({});
        w.put(record, true);
      });
    for (auto* child : {&one, &two, &three}) {
      CHECK(child->wait() == 0);
      CHECK(child->acknowledged().size() == each * writers);
    }
  }
  check_history(*store, each * (3 * writers + 1));
}

TEST_CASE("processes may create one database at once") {
  for (int round = 0; round < 10; ++round) {
    const Directory directory;
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 4; ++i)
      children.push_back(std::make_unique<Child>(directory, directory.file(), "p" + std::to_string(i), 5, 2));
    for (auto& child : children) CHECK(child->wait() == 0);
    const auto store = open_file(directory.file());
    check_history(*store, 40);
  }
}

TEST_CASE("every acknowledged write of a killed process is there") {
  const Directory directory;
  std::set<std::string> acknowledged;
  for (int round = 0; round < 5; ++round) {
    Child child(directory, directory.file(), "round" + std::to_string(round), 1'000'000, 8);
    child.wait_for(100 + 37 * static_cast<std::size_t>(round));
    child.kill();
    for (const auto& one : child.acknowledged()) acknowledged.insert(one.id);
  }
  const auto store = open_file(directory.file());
  std::set<std::string> found;
  std::uint64_t last = 0;
  for (const auto& record :
       ask(*store, [](storage::ReadTransaction& r) { return r.changes("n", 0, 10'000'000); })) {
    CHECK(record.change == ++last);
    found.insert(record.key.id);
  }
  CHECK(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()));
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.unshared("n"); }) == found.size());
}

TEST_CASE("a database that another program keeps locked rejects writes, and works again afterwards") {
  const Directory directory;
  const auto store = open_file(directory.file());
  put(*store, make_record("before"));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(directory.file().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  try {
    put(*store, make_record("locked out"));
    FAIL("written in spite of the lock");
  } catch (const Error& error) {
    CHECK(error.code() == errc::rejected);
    CHECK_MESSAGE(std::string(error.what()).find("stayed locked by another process") != std::string::npos,
                  error.what());
  }
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.last_change(); }) ==
        1);  // reads go on meanwhile
  REQUIRE(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  CHECK(put(*store, make_record("after")) == 2);
}

}  // namespace comem::testing
