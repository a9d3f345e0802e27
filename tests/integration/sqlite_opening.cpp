// Opening database files: good ones, new ones, and everything that must be refused and left as it was.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"

namespace comem::testing {
namespace {

/// A sound store with `records` records, closed.
void fill(const std::string& path, int records) {
  const auto store = open_file(path);
  write(*store, [&](storage::WriteTransaction& w) {
    for (int i = 0; i < records; ++i) {
      auto record = make_record("r" + std::to_string(i));
      record.value.append(500, 'v');
      w.put(record, true);
    }
  });
}

/// Opening must fail with this code, naming the file, and leave the directory as it is to the byte.
void check_refused(const Directory& directory, errc code, const std::string& path) {
  const auto before = directory.contents();
  bool refused = false;
  try {
    open_file(path);
  } catch (const Error& error) {
    refused = true;
    CHECK_MESSAGE(error.code() == code, error.what());
    CHECK_MESSAGE(std::string(error.what()).find(path.substr(0, 20)) != std::string::npos, error.what());
    CHECK(std::string(error.what()).find(';') != std::string::npos);  // the way out
  }
  CHECK(refused);
  CHECK((directory.contents() == before));
}

/// Root may write everywhere, so permissions are tested as somebody else.
class Unprivileged {
 public:
  Unprivileged() {
    if (was_root_) REQUIRE(::seteuid(65534) == 0);
  }
  ~Unprivileged() {
    if (was_root_) CHECK(::seteuid(0) == 0);
  }
  static void give(const std::filesystem::path& path) {
    if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
  }

 private:
  bool was_root_ = ::geteuid() == 0;
};

}  // namespace

TEST_CASE("a new database is private and whole") {
  const Directory directory;
  open_file(directory.file());
  struct stat status = {};
  REQUIRE(::stat(directory.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(directory.contents().size() == 1);  // the log is merged and gone
  const auto store = open_file(directory.file());
  REQUIRE(::stat((directory.file() + "-wal").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a store keeps its identity and its records over reopening") {
  const Directory directory;
  fill(directory.file(), 3);
  const auto first_id = open_file(directory.file())->store_id();
  const auto store = open_file(directory.file());
  CHECK(store->store_id() == first_id);
  CHECK(store->path() == directory.file());
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.unshared("n"); }) == 3);
  CHECK(put(*store, make_record("next")) == 4);
}

TEST_CASE("an empty file, a relative path and odd names are fine") {
  const Directory directory;
  Directory::write_bytes(directory.file("empty.db"), "");
  CHECK_NOTHROW(open_file(directory.file("empty.db")));
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  for (const std::string name : {"plain.db", "file:plain.db?mode=ro", "a b'%\";--.db", "\xff.db"}) {
    CAPTURE(name);
    {
      const auto store = open_file(name);
      CHECK(put(*store, make_record("a")) == 1);
    }
    CHECK(std::filesystem::exists(directory.file(name)));
  }
  std::filesystem::current_path(here);
}

TEST_CASE("options that make no sense are named") {
  const Directory directory;
  for (const std::string& path : {std::string(), std::string("a\0b", 3)})
    CHECK_THROWS_AS(open_file(path), Error);
  CHECK_THROWS_AS(open_file(directory.file(), 0), Error);
  CHECK_THROWS_AS(open_file(directory.file(), 1'000'000), Error);
  CHECK(directory.contents().empty());
}

TEST_CASE("what is no database is refused and stays as it is") {
  const Directory directory;
  for (const std::size_t size : {1u, 15u, 16u, 99u, 100u, 5000u, 100'000u}) {
    CAPTURE(size);
    Directory::write_bytes(directory.file(), std::string(size, 'x'));
    check_refused(directory, errc::corrupt, directory.file());
  }
  Directory::write_bytes(directory.file(), std::string(8192, '\0'));
  check_refused(directory, errc::corrupt, directory.file());
}

TEST_CASE("another program's database is refused and stays as it is") {
  for (const char* mode : {"DELETE", "WAL"}) {
    CAPTURE(mode);
    const Directory directory;
    execute(directory.file(), std::string("PRAGMA journal_mode = ") + mode +
                                  "; CREATE TABLE t(a); INSERT INTO t "
                                  "VALUES(1)");
    check_refused(directory, errc::unsupported, directory.file());
  }
}

TEST_CASE("a newer schema is refused and stays as it is") {
  const Directory directory;
  fill(directory.file(), 3);
  execute(directory.file(), "PRAGMA user_version = 999");
  check_refused(directory, errc::unsupported, directory.file());
}

TEST_CASE("a newer schema that stands only in the log is refused and stays as it is") {
  const Directory directory;
  const Directory copy;
  fill(directory.file(), 3);
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(directory.file().c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "PRAGMA user_version = 999", nullptr, nullptr, nullptr) == SQLITE_OK);
  for (const std::string name : {"store.db", "store.db-wal"})  // as after a crash of the newer program
    std::filesystem::copy_file(directory.file(name), copy.file(name));
  sqlite3_close(database);
  const auto before = copy.contents();
  CHECK_THROWS_AS(open_file(copy.file()), Error);
  auto after = copy.contents();
  after.erase("store.db-shm");  // SQLite's own scratch file for reading a log
  CHECK((after == before));
}

TEST_CASE("a damaged database is refused and stays as it is") {
  const Directory directory;
  fill(directory.file(), 500);
  const auto sound = Directory::read_bytes(directory.file());
  const auto damage = [&](const char* what, std::size_t at, std::size_t length) {
    CAPTURE(what);
    auto bytes = sound;
    bytes.replace(at, length, std::string(length, '\x5a'));
    Directory::write_bytes(directory.file(), bytes);
    check_refused(directory, errc::corrupt, directory.file());
  };
  damage("the magic", 0, 4);
  damage("the page size", 16, 2);
  damage("the schema", 100, 3000);
  damage("a page in the middle", sound.size() / 2 / 4096 * 4096, 4096);
  damage("everything behind the first page", 4096, sound.size() - 4096);
  Directory::write_bytes(directory.file(), sound.substr(0, sound.size() / 2));
  check_refused(directory, errc::corrupt, directory.file());
  Directory::write_bytes(directory.file(), sound.substr(0, 300));
  check_refused(directory, errc::corrupt, directory.file());
  Directory::write_bytes(directory.file(), sound);
  CHECK_NOTHROW(open_file(directory.file()));
}

TEST_CASE("a database whose tables were dropped is refused") {
  const Directory directory;
  fill(directory.file(), 3);
  execute(directory.file(), "DROP TABLE clock");
  check_refused(directory, errc::corrupt, directory.file());
}

TEST_CASE("places where no database can be are refused") {
  const Directory directory;
  std::filesystem::create_directory(directory.file("sub"));
  check_refused(directory, errc::unavailable, directory.file("sub"));
  check_refused(directory, errc::unavailable, directory.file("missing/store.db"));
  Directory::write_bytes(directory.file("plain"), "text");
  check_refused(directory, errc::unavailable, directory.file("plain/store.db"));
  REQUIRE(::mkfifo(directory.file("pipe").c_str(), 0600) == 0);
  check_refused(directory, errc::unavailable, directory.file("pipe"));
  std::filesystem::create_symlink(directory.file("nowhere/x"), directory.file("dangling"));
  CHECK_THROWS_AS(open_file(directory.file("dangling")), Error);
}

TEST_CASE("read-only files and directories are refused") {
  const Directory directory;
  fill(directory.file(), 3);
  Unprivileged::give(directory.path());
  Unprivileged::give(directory.file());
  std::filesystem::permissions(directory.file(), std::filesystem::perms(0444));
  {
    const Unprivileged user;
    check_refused(directory, errc::unavailable, directory.file());
  }
  std::filesystem::permissions(directory.file(), std::filesystem::perms(0644));
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0555));
  {
    const Unprivileged user;
    check_refused(directory, errc::unavailable, directory.file());
    check_refused(directory, errc::unavailable, directory.file("new.db"));
  }
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
  const Unprivileged user;
  CHECK_NOTHROW(open_file(directory.file()));
}

TEST_CASE("many threads may create one database at once") {
  const Directory directory;
  std::vector<std::thread> threads;
  std::vector<std::string> ids(8);
  for (auto& id : ids)
    threads.emplace_back([&id, &directory] {
      const auto store = open_file(directory.file());
      id = store->store_id();
    });
  for (auto& thread : threads) thread.join();
  for (const auto& id : ids) CHECK(id == ids[0]);
  CHECK_FALSE(ids[0].empty());
}

}  // namespace comem::testing
