// A damaged database is set aside when its owner asks for that, and for no other file.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"

namespace comem::testing {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<sqlite::SqliteStore> open_or_set_aside(const std::string& path, std::string* log = nullptr) {
  static const SettableClock clock;
  sqlite::SqliteOptions options;
  options.path = path;
  options.clock = &clock;
  options.set_aside_corrupt = true;
  options.log = [log](LogLevel level, std::string_view line) {
    CHECK(level == LogLevel::warning);
    if (log != nullptr) *log += std::string(line) + "\n";
  };
  return sqlite::open_sqlite_store(options);
}

/// A store whose last record is still in the log, and whose pages are damaged; as a killed process leaves it.
void make_damaged(const Directory& directory) {
  const Directory original;
  const auto store = open_file(original.file());
  write(*store, [](storage::WriteTransaction& w) {
    for (int i = 0; i < 300; ++i) {
      auto record = make_record("r" + std::to_string(i));
      record.value.append(300, 'v');
      w.put(record, true);
    }
  });
  store->close();
  const auto again = open_file(original.file());
  put(*again, make_record("in the log"));
  for (const std::string suffix : {"", "-wal"})
    fs::copy_file(original.file() + suffix, directory.file() + suffix);
  auto bytes = Directory::read_bytes(directory.file());
  bytes.replace(bytes.size() / 2 / 4096 * 4096, 4096, std::string(4096, '\x5a'));
  Directory::write_bytes(directory.file(), bytes);
}

}  // namespace

TEST_CASE("a damaged database is set aside with its log, and a new one begun") {
  const Directory directory;
  make_damaged(directory);
  const auto before = directory.contents();
  CHECK_THROWS_AS(open_file(directory.file()), Error);
  std::string log;
  {
    const auto store = open_or_set_aside(directory.file(), &log);
    CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.last_change(); }) == 0);
    CHECK(put(*store, make_record("new")) == 1);
  }
  const std::string aside = "store.db.corrupt-20231114T221320Z";
  auto after = directory.contents();
  CHECK((after[aside] == before.at("store.db")));
  CHECK((after[aside + "-wal"] == before.at("store.db-wal")));
  CHECK(log.find("store.db' is damaged") != std::string::npos);
  CHECK_MESSAGE(log.find(aside) != std::string::npos, log);
  const auto store = open_or_set_aside(directory.file());
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return ids_of(r.changes("n", 0, 10)); }) == "new");
}

TEST_CASE("databases that are damaged in one second are kept apart") {
  const Directory directory;
  for (int i = 0; i < 3; ++i) {
    for (const std::string suffix : {"", "-wal", "-shm"}) fs::remove(directory.file() + suffix);
    make_damaged(directory);
    open_or_set_aside(directory.file());
  }
  for (const std::string suffix : {"", "-2", "-3"})
    CHECK(fs::exists(directory.file("store.db.corrupt-20231114T221320Z" + suffix)));
}

TEST_CASE("what is no damaged database of ours is not set aside") {
  const Directory directory;
  const auto refused = [&](errc code) {
    const auto before = directory.contents();
    bool thrown = false;
    try {
      open_or_set_aside(directory.file());
    } catch (const Error& error) {
      thrown = error.code() == code;
    }
    CHECK(thrown);
    auto after = directory.contents();
    after.erase("store.db-shm");
    CHECK((after == before));
    for (const std::string suffix : {"", "-wal", "-shm"}) fs::remove(directory.file() + suffix);
  };
  Directory::write_bytes(directory.file(), std::string(5000, 'x'));
  refused(errc::corrupt);
  execute(directory.file(), "CREATE TABLE t(a)");
  refused(errc::unsupported);
  open_file(directory.file());
  execute(directory.file(), "PRAGMA user_version = 999");
  refused(errc::unsupported);
}

TEST_CASE("a sound database and a new one are opened as ever") {
  const Directory directory;
  put(*open_or_set_aside(directory.file()), make_record("a"));
  const auto store = open_or_set_aside(directory.file());
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.last_change(); }) == 1);
  CHECK_NOTHROW(open_or_set_aside(":memory:"));
}

TEST_CASE("of many who find the damage at once, one sets the database aside") {
  const Directory directory;
  make_damaged(directory);
  std::vector<std::thread> threads;
  std::vector<std::string> ids(6);
  for (auto& id : ids)
    threads.emplace_back([&] {
      const auto store = open_or_set_aside(directory.file());
      put(*store, make_record(store->process_id()));
      id = store->store_id();
    });
  for (auto& thread : threads) thread.join();
  for (const auto& id : ids) CHECK(id == ids[0]);
  const auto store = open_file(directory.file());
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.changes("n", 0, 10).size(); }) == ids.size());
}

TEST_CASE("whoever has the damaged database open writes no more") {
  const Directory directory;
  make_damaged(directory);
  const Directory original;
  const auto old = open_file(original.file());
  put(*old, make_record("a"));
  // The same file, damaged under the open store: by another way than SQLite's, from another process.
  const auto command = "cp '" + directory.file() + "' '" + original.file() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  const auto fresh = open_or_set_aside(original.file());
  CHECK(put(*fresh, make_record("new")) == 1);
  try {
    put(*old, make_record("lost"));
    FAIL("written");
  } catch (const Error& error) {
    CHECK_MESSAGE(error.code() == errc::rejected, error.what());
  }
  CHECK(ask(*fresh, [](storage::ReadTransaction& r) { return ids_of(r.changes("n", 0, 10)); }) == "new");
}

}  // namespace comem::testing
