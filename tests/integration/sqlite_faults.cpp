// The store when the disk fails: every call to the file system, one after the other, is made to fail once;
// then whole disks fail, fill up, and come back.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <set>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/faulty_files.hpp"

namespace comem::testing {
namespace {

/// What the callers were told.
struct Told {
  std::set<std::string> applied;
  std::set<std::string> rejected;
  std::size_t unknown = 0;
  std::string last_words;
};

void try_to_put(storage::Store& store, const std::string& id, Told& told) {
  auto record = make_record(id);
  record.value.assign(20'000, 'v');
  try {
    const auto function = [&](storage::WriteTransaction& w) {
      w.put(record, true);
      w.acknowledge(record.key, 0);  // asks for the namespace, which this very transaction may have made
    };
    write(store, function, storage::Durability::power);
    told.applied.insert(id);
  } catch (const Error& error) {
    told.last_words = error.what();
    const bool unknown = error.code() == errc::unknown_outcome;
    CHECK_MESSAGE((unknown || error.code() == errc::rejected), error.what());
    if (unknown)
      ++told.unknown;
    else
      told.rejected.insert(id);
  }
}

/// Whether the records that were applied can be read; an error of the disk is no wrong answer.
bool try_to_read(storage::Store& store, const Told& told) {
  try {
    read(store, [&](storage::ReadTransaction& r) {
      for (const auto& id : told.applied) {
        const auto found = r.get(make_record(id).key);
        CHECK_MESSAGE(found, id);
      }
      for (const auto& id : told.rejected) {
        const auto found = r.get(make_record(id).key);
        CHECK_MESSAGE(!found, id);
      }
    });
    return true;
  } catch (const Error& error) {
    CHECK_MESSAGE(error.code() == errc::unavailable, error.what());
    return false;
  }
}

void check_told(const std::string& path, const Told& told) {
  const auto store = open_file(path);
  std::set<std::string> found;
  for (const auto& record :
       ask(*store, [](storage::ReadTransaction& r) { return r.changes("n", 0, 10'000); }))
    found.insert(record.key.id);
  for (const auto& id : told.applied) CHECK_MESSAGE(found.count(id) == 1, id);
  for (const auto& id : told.rejected) CHECK_MESSAGE(found.count(id) == 0, id);
  for (const auto& finding : diagnose(*store))
    CHECK_MESSAGE(finding.severity != Finding::Severity::error, finding.text);
}

Fault fault(unsigned kinds, Fault::Lasts lasts, int code = 0) {
  Fault made;
  made.kinds = kinds;
  made.lasts = lasts;
  made.code = code;
  return made;
}

}  // namespace

TEST_CASE("whichever call to the disk fails, every caller is told the truth and the store goes on") {
  for (const unsigned kinds : {calls::changes, calls::read | calls::map, calls::lock | calls::index}) {
    CAPTURE(kinds);
    std::size_t troubled = 0;
    bool failed = true;
    for (int n = 0; failed; ++n) {
      CAPTURE(n);
      REQUIRE(n < 2000);
      const Directory directory;
      FaultyFiles files;
      Told told;
      std::set<std::string> queued;
      std::size_t in_doubt = 0;
      {
        const auto store = open_file(directory.file(), 1);
        store->on_queued([&](const std::vector<storage::Queued>& all) {
          for (const auto& one : all) {
            in_doubt += one.others;
            for (const auto& row : one.rows) queued.insert(row.record.key.id);
          }
        });
        auto once = fault(kinds, Fault::Lasts::once);
        once.after = n;
        files.fail(once);
        for (int i = 0; i < 6; ++i) {
          try_to_put(*store, "r" + std::to_string(i), told);
          if (i % 2 == 0 && !try_to_read(*store, told)) ++troubled;
        }
        failed = files.stop();
        try_to_put(*store, "afterwards", told);
        CHECK(told.applied.count("afterwards") == 1);
        CHECK(try_to_read(*store, told));
      }
      check_told(directory.file(), told);
      CHECK(queued == told.applied);
      if (told.unknown != 0) CHECK(in_doubt >= told.unknown);
      troubled += told.rejected.size() + told.unknown;
    }
    CHECK(troubled > 0);
  }
}

TEST_CASE("a disk that goes on failing rejects every write until it is mended") {
  for (const int code : {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_READONLY}) {
    CAPTURE(code);
    const Directory directory;
    FaultyFiles files;
    Told told;
    {
      const auto store = open_file(directory.file());
      try_to_put(*store, "before", told);
      files.fail(fault(calls::write | calls::truncate, Fault::Lasts::until_stopped, code));
      for (int i = 0; i < 5; ++i) try_to_put(*store, "r" + std::to_string(i), told);
      CHECK(told.applied.size() == 1);
      if (code != SQLITE_IOERR_WRITE) CHECK(told.rejected.size() == 5);
      const char* word = code == SQLITE_FULL       ? "make room"
                         : code == SQLITE_READONLY ? "permissions"
                                                   : "failed";
      CHECK_MESSAGE(told.last_words.find(word) != std::string::npos, told.last_words);
      CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.last_change(); }) == 1);
      CHECK(files.stop());
      try_to_put(*store, "afterwards", told);
      CHECK(told.applied.size() == 2);
    }
    check_told(directory.file(), told);
  }
}

TEST_CASE("a store whose open files have died for good opens them again by itself") {
  const Directory directory;
  FaultyFiles files;
  Told told;
  {
    const auto store = open_file(directory.file());
    try_to_put(*store, "before", told);
    files.fail(fault(calls::all & ~calls::open, Fault::Lasts::with_handles));
    for (int i = 0; i < 6; ++i) try_to_put(*store, "r" + std::to_string(i), told);
    CHECK(told.applied.count("r5") == 1);
    CHECK(told.applied.count("r0") == 0);
    for (int i = 0; i < 6; ++i) try_to_read(*store, told);
    CHECK(try_to_read(*store, told));
    CHECK(store->statistics().reconnections == 1);
    CHECK(files.stop());
  }
  check_told(directory.file(), told);
}

TEST_CASE("a store does not go on with another database that lies in its place") {
  const Directory directory;
  FaultyFiles files;
  Told told;
  const auto store = open_file(directory.file());
  try_to_put(*store, "before", told);
  files.fail(fault(calls::all & ~calls::open, Fault::Lasts::with_handles));
  for (int i = 0; i < 2; ++i) try_to_put(*store, "lost" + std::to_string(i), told);
  for (const std::string suffix : {"", "-wal", "-shm"})
    std::filesystem::rename(directory.file() + suffix, directory.file("aside") + suffix);
  open_file(directory.file());
  for (int i = 0; i < 4; ++i) try_to_put(*store, "r" + std::to_string(i), told);
  CHECK(told.applied.size() == 1);
  CHECK(store->statistics().reconnections == 0);
}

TEST_CASE("whichever call to the disk fails while a database is created, it can be created afterwards") {
  bool failed = true;
  int refused = 0;
  for (int n = 0; failed; ++n) {
    CAPTURE(n);
    REQUIRE(n < 2000);
    const Directory directory;
    FaultyFiles files;
    auto once = fault(calls::changes | calls::open | calls::map, Fault::Lasts::once);
    once.after = n;
    files.fail(once);
    try {
      open_file(directory.file());
    } catch (const Error& error) {
      ++refused;
      CHECK_MESSAGE(error.code() == errc::unavailable, error.what());
    }
    failed = files.stop();
    const auto store = open_file(directory.file());
    CHECK(put(*store, make_record("a")) == 1);
  }
  CHECK(refused > 0);
}

}  // namespace comem::testing
