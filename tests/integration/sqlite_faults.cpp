// The store when the disk fails: every write, sync and truncation of a file, one after the other, is made to
// fail once. A layer over SQLite's file system counts the calls and fails the n-th.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <set>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"

namespace comem::testing {
namespace {

/// The n-th call from now on fails, or, when `lasting`, all from then on. Negative: none.
std::atomic<int> calls_left{-1};
std::atomic<bool> lasting{false};

bool fails_now() {
  if (calls_left < 0) return false;
  if (calls_left == 0) {
    if (!lasting) calls_left = -1;
    return true;
  }
  --calls_left;
  return false;
}

struct FaultyFile {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultyFile& faulty(sqlite3_file* file) {
  return *reinterpret_cast<FaultyFile*>(file);
}

template <auto Method, class... Arguments>
int pass(sqlite3_file* file, Arguments... arguments) {
  auto* real = faulty(file).real();
  return (real->pMethods->*Method)(real, arguments...);
}

template <auto Method>
void pass_nothing(sqlite3_file* file) {
  auto* real = faulty(file).real();
  (real->pMethods->*Method)(real);
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  return fails_now() ? SQLITE_IOERR_WRITE : pass<&sqlite3_io_methods::xWrite>(file, bytes, size, at);
}

int sync_file(sqlite3_file* file, int flags) {
  return fails_now() ? SQLITE_IOERR_FSYNC : pass<&sqlite3_io_methods::xSync>(file, flags);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return fails_now() ? SQLITE_IOERR_TRUNCATE : pass<&sqlite3_io_methods::xTruncate>(file, size);
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return pass<&sqlite3_io_methods::xShmMap>(file, page, size, extend, memory);
}

const sqlite3_io_methods methods = [] {
  using M = sqlite3_io_methods;
  M m{};
  m.iVersion = 2;  // without memory mapping, whose writes could not be counted
  m.xClose = [](sqlite3_file* file) { return pass<&M::xClose>(file); };
  m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
    return pass<&M::xRead>(f, to, size, at);
  };
  m.xWrite = write_file;
  m.xTruncate = truncate_file;
  m.xSync = sync_file;
  m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return pass<&M::xFileSize>(f, size); };
  m.xLock = [](sqlite3_file* f, int level) { return pass<&M::xLock>(f, level); };
  m.xUnlock = [](sqlite3_file* f, int level) { return pass<&M::xUnlock>(f, level); };
  m.xCheckReservedLock = [](sqlite3_file* f, int* out) { return pass<&M::xCheckReservedLock>(f, out); };
  m.xFileControl = [](sqlite3_file* f, int op, void* value) { return pass<&M::xFileControl>(f, op, value); };
  m.xSectorSize = [](sqlite3_file* f) { return pass<&M::xSectorSize>(f); };
  m.xDeviceCharacteristics = [](sqlite3_file* f) { return pass<&M::xDeviceCharacteristics>(f); };
  m.xShmMap = map_shared;
  m.xShmLock = [](sqlite3_file* f, int from, int n, int flags) {
    return pass<&M::xShmLock>(f, from, n, flags);
  };
  m.xShmBarrier = [](sqlite3_file* f) { pass_nothing<&M::xShmBarrier>(f); };
  m.xShmUnmap = [](sqlite3_file* f, int remove) { return pass<&M::xShmUnmap>(f, remove); };
  return m;
}();

int open_faulty(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* real_vfs = static_cast<sqlite3_vfs*>(vfs->pAppData);
  std::memset(file, 0, static_cast<std::size_t>(vfs->szOsFile));
  const int code = real_vfs->xOpen(real_vfs, name, faulty(file).real(), flags, out_flags);
  if (faulty(file).real()->pMethods != nullptr) faulty(file).base.pMethods = &methods;
  return code;
}

/// Makes the faulty layer SQLite's default for the length of a test.
class FaultyFiles {
 public:
  FaultyFiles() : vfs_(*real_) {
    vfs_.zName = "comem-faulty";
    vfs_.pAppData = real_;
    vfs_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + real_->szOsFile;
    vfs_.xOpen = open_faulty;
    REQUIRE(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK);
  }
  ~FaultyFiles() {
    stop();
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FaultyFiles(const FaultyFiles&) = delete;
  FaultyFiles& operator=(const FaultyFiles&) = delete;

  void fail_after(int calls, bool go_on) {
    lasting = go_on;
    calls_left = calls;
  }
  /// Answers whether a call was made to fail since fail_after().
  bool stop() { return lasting ? calls_left.exchange(-1) == 0 : calls_left.exchange(-1) < 0; }

 private:
  sqlite3_vfs* real_ = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs_;
};

/// What the callers were told.
struct Told {
  std::set<std::string> applied;
  std::set<std::string> rejected;
  std::size_t unknown = 0;
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
    const bool unknown = error.code() == errc::unknown_outcome;
    CHECK_MESSAGE((unknown || error.code() == errc::rejected), error.what());
    if (unknown)
      ++told.unknown;
    else
      told.rejected.insert(id);
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
}

}  // namespace

TEST_CASE("whichever call to the disk fails, every caller is told the truth and the store goes on") {
  std::size_t troubled = 0;
  bool failed = true;
  for (int n = 0; failed; ++n) {
    CAPTURE(n);
    REQUIRE(n < 2000);
    const Directory directory;
    FaultyFiles files;
    Told told;
    {
      const auto store = open_file(directory.file());
      files.fail_after(n, false);
      for (int i = 0; i < 6; ++i) try_to_put(*store, "r" + std::to_string(i), told);
      failed = files.stop();
      try_to_put(*store, "afterwards", told);
      CHECK(told.applied.count("afterwards") == 1);
    }
    check_told(directory.file(), told);
    troubled += told.rejected.size() + told.unknown;
  }
  CHECK(troubled > 0);
}

TEST_CASE("a disk that goes on failing rejects every write until it is mended") {
  const Directory directory;
  FaultyFiles files;
  Told told;
  {
    const auto store = open_file(directory.file());
    try_to_put(*store, "before", told);
    files.fail_after(0, true);
    for (int i = 0; i < 5; ++i) try_to_put(*store, "r" + std::to_string(i), told);
    CHECK(told.applied.size() == 1);
    CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.last_change(); }) == 1);
    CHECK(files.stop());
    try_to_put(*store, "afterwards", told);
    CHECK(told.applied.size() == 2);
  }
  check_told(directory.file(), told);
}

TEST_CASE("whichever call to the disk fails while a database is created, it can be created afterwards") {
  bool failed = true;
  int refused = 0;
  for (int n = 0; failed; ++n) {
    CAPTURE(n);
    REQUIRE(n < 2000);
    const Directory directory;
    FaultyFiles files;
    files.fail_after(n, false);
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
