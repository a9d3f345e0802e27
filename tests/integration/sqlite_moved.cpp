// The files of an open database are moved, removed, replaced or damaged by somebody else.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"

namespace comem::testing {
namespace {

namespace fs = std::filesystem;

/// The write must be rejected with words that name the file; reads go on.
void check_rejected(sqlite::SqliteStore& store, const std::string& named, const char* what) {
  const auto before = ask(store, [](storage::ReadTransaction& r) { return r.last_change(); });
  for (const auto durability : {storage::Durability::process, storage::Durability::power}) {
    bool rejected = false;
    try {
      const auto put = [](storage::WriteTransaction& w) { w.put(make_record("lost"), true); };
      write(store, put, durability);
    } catch (const Error& error) {
      rejected = error.code() == errc::rejected;
      const std::string text = error.what();
      CHECK_MESSAGE(text.find("'" + named + "' was " + what) != std::string::npos, text);
      CHECK_MESSAGE(text.find("put the file back") != std::string::npos, text);
    }
    CHECK(rejected);
  }
  CHECK(ask(store, [](storage::ReadTransaction& r) { return r.last_change(); }) == before);
}

/// Overwrites bytes of a file as another program would: from another process, since closing the file here
/// would drop this process's locks on it.
void overwrite(const std::string& path, std::size_t at, const std::string& bytes) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int file = ::open(path.c_str(), O_WRONLY);
    const auto written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    ::_exit(written == static_cast<ssize_t>(bytes.size()) ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}

}  // namespace

TEST_CASE("a database that is moved away takes no writes until it is back") {
  const Directory directory;
  const auto store = open_file(directory.file());
  put(*store, make_record("a"));
  fs::rename(directory.file(), directory.file("elsewhere"));
  check_rejected(*store, directory.file(), "moved or removed");
  fs::rename(directory.file("elsewhere"), directory.file());
  CHECK(put(*store, make_record("b")) == 2);
  store->close();
  const auto again = open_file(directory.file());
  CHECK(ask(*again, [](storage::ReadTransaction& r) { return ids_of(r.changes("n", 0, 10)); }) == "a b");
}

TEST_CASE("a directory that is moved away takes the same way") {
  const Directory directory;
  fs::create_directory(directory.file("sub"));
  const auto store = open_file(directory.file("sub/store.db"));
  put(*store, make_record("a"));
  fs::rename(directory.file("sub"), directory.file("elsewhere"));
  check_rejected(*store, directory.file("sub/store.db"), "moved or removed");
  fs::rename(directory.file("elsewhere"), directory.file("sub"));
  CHECK(put(*store, make_record("b")) == 2);
}

TEST_CASE("a database that is deleted, or its log alone, takes no more writes") {
  for (const std::string suffix : {"", "-wal", "-shm"}) {
    CAPTURE(suffix);
    const Directory directory;
    const auto store = open_file(directory.file());
    put(*store, make_record("a"));
    fs::remove(directory.file() + suffix);
    check_rejected(*store, directory.file() + suffix, "moved or removed");
  }
}

TEST_CASE("a database that is replaced takes no more writes, and the new file is left alone") {
  const Directory directory;
  auto store = open_file(directory.file());
  put(*store, make_record("a"));
  fs::rename(directory.file(), directory.file("elsewhere"));
  Directory::write_bytes(directory.file(), "something else");
  check_rejected(*store, directory.file(), "replaced by another file");
  store.reset();
  CHECK(Directory::read_bytes(directory.file()) == "something else");
}

TEST_CASE("one of two stores sees that the other's database was begun anew in its place") {
  const Directory directory;
  const auto old = open_file(directory.file());
  put(*old, make_record("old"));
  for (const std::string suffix : {"", "-wal", "-shm"})
    fs::rename(directory.file() + suffix, directory.file("aside") + suffix);
  const auto fresh = open_file(directory.file());
  CHECK(put(*fresh, make_record("new")) == 1);
  check_rejected(*old, directory.file(), "replaced by another file");
  CHECK(ask(*fresh, [](storage::ReadTransaction& r) { return ids_of(r.changes("n", 0, 10)); }) == "new");
}

TEST_CASE("pages that are overwritten under an open store give errors and no wrong answers") {
  const Directory directory;
  const auto value_of = [](int i) { return "value " + std::string(1500, static_cast<char>('a' + i % 26)); };
  const auto key_of = [](int i) { return make_record("r" + std::to_string(i)).key; };
  write(*open_file(directory.file()), [&](storage::WriteTransaction& w) {
    for (int i = 0; i < 400; ++i) {
      auto record = make_record("r" + std::to_string(i));
      record.value = value_of(i);
      w.put(record, false);
    }
  });
  const auto sound = Directory::read_bytes(directory.file());
  const auto store = open_file(directory.file(), 1);
  constexpr std::size_t page = 4096;
  const auto spoilt = sound.size() / 2 / page * page;
  overwrite(directory.file(), spoilt, std::string(10 * page, '\x5a'));
  int right = 0;
  int errors = 0;
  const auto look = [&] {
    right = errors = 0;
    for (int i = 0; i < 400; ++i) {
      try {
        const auto found = ask(*store, [&](storage::ReadTransaction& r) { return r.get(key_of(i)); });
        if (found) CHECK((found->value == value_of(i)));
        if (found) ++right;
      } catch (const Error& error) {
        ++errors;
        CHECK_MESSAGE(error.code() == errc::corrupt, error.what());
      }
    }
  };
  look();
  CHECK(right > 0);
  CHECK(errors > 0);
  try {
    put(*store, make_record("another"));
  } catch (const Error& error) {
    CHECK((error.code() == errc::rejected || error.code() == errc::corrupt));
  }
  overwrite(directory.file(), spoilt, sound.substr(spoilt, 10 * page));
  look();  // the reader that saw the damage is replaced
  CHECK(right == 400);
  CHECK_NOTHROW(put(*store, make_record("afterwards")));
}

}  // namespace comem::testing
