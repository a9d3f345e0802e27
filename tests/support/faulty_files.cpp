#include "tests/support/faulty_files.hpp"

#include <signal.h>
#include <sqlite3.h>

#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace comem::testing {
namespace {

struct State {
  std::mutex mutex;
  FileObserver* observer = nullptr;
  std::optional<Fault> fault;
  bool failed = false;
  unsigned broken_before = 0;  ///< handles opened before this number are broken
  unsigned opened = 0;
  std::map<unsigned, int> counts;
  int log_syncs = 0;
  int write_locks = 0;  ///< connections that hold the write lock
  int checkpoints = 0;
  int unguarded_checkpoints = 0;
} state;

struct Handle {
  sqlite3_file base;
  std::string* path;
  unsigned number;
  bool log;
  bool holds_write_lock;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

Handle& handle_of(sqlite3_file* file) {
  return *reinterpret_cast<Handle*>(file);
}

int usual_code(unsigned kind) {
  switch (kind) {
    case calls::read:
      return SQLITE_IOERR_READ;
    case calls::write:
      return SQLITE_IOERR_WRITE;
    case calls::sync:
      return SQLITE_IOERR_FSYNC;
    case calls::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case calls::open:
      return SQLITE_CANTOPEN;
    case calls::map:
      return SQLITE_IOERR_SHMMAP;
    case calls::lock:
      return SQLITE_IOERR_LOCK;
    default:
      return SQLITE_IOERR_SHMLOCK;
  }
}

/// SQLITE_OK when the call may go on.
int counted(unsigned kind, unsigned handle) {
  ++state.counts[kind];
  if (!state.fault || (state.fault->kinds & kind) == 0) return SQLITE_OK;
  auto& fault = *state.fault;
  const int code = fault.code != 0 ? fault.code : usual_code(kind);
  if (state.broken_before != 0) return handle < state.broken_before ? code : SQLITE_OK;
  if (state.failed && fault.lasts == Fault::Lasts::once) return SQLITE_OK;
  if (fault.after-- > 0) return SQLITE_OK;
  fault.after = 0;
  if (fault.kills) ::raise(SIGKILL);
  state.failed = true;
  if (fault.lasts == Fault::Lasts::with_handles) state.broken_before = state.opened + 1;
  return code;
}

int counted(unsigned kind, sqlite3_file* file) {
  const std::lock_guard lock(state.mutex);
  return counted(kind, handle_of(file).number);
}

template <auto Method, class... Arguments>
int pass(sqlite3_file* file, Arguments... arguments) {
  auto* real = handle_of(file).real();
  return (real->pMethods->*Method)(real, arguments...);
}

template <unsigned Kind, auto Method, class... Arguments>
int pass_counted(sqlite3_file* file, Arguments... arguments) {
  const int code = counted(Kind, file);
  return code != SQLITE_OK ? code : pass<Method>(file, arguments...);
}

using M = sqlite3_io_methods;

int close_file(sqlite3_file* file) {
  const int code = pass<&M::xClose>(file);
  delete std::exchange(handle_of(file).path, nullptr);
  return code;
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  const std::lock_guard lock(state.mutex);
  if (const int code = counted(calls::write, handle_of(file).number); code != SQLITE_OK) return code;
  const int code = pass<&M::xWrite>(file, bytes, size, at);
  const std::string_view written(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  if (code == SQLITE_OK && state.observer != nullptr)
    state.observer->written(*handle_of(file).path, written, at);
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const std::lock_guard lock(state.mutex);
  if (const int code = counted(calls::truncate, handle_of(file).number); code != SQLITE_OK) return code;
  const int code = pass<&M::xTruncate>(file, size);
  if (code == SQLITE_OK && state.observer != nullptr) state.observer->truncated(*handle_of(file).path, size);
  return code;
}

int sync_file(sqlite3_file* file, int) {
  const std::lock_guard lock(state.mutex);
  const auto& handle = handle_of(file);
  const int code = counted(calls::sync, handle.number);
  if (code == SQLITE_OK && handle.log) ++state.log_syncs;
  if (state.observer == nullptr) return code;
  if (code == SQLITE_OK)
    state.observer->synced(*handle.path);
  else
    state.observer->sync_failed(*handle.path);
  return code;
}

constexpr int write_lock = 0;  // places of the locks in the log's index: https://sqlite.org/walformat.html
constexpr int checkpoint_lock = 1;

int lock_index(sqlite3_file* file, int from, int n, int flags) {
  const bool lock = (flags & SQLITE_SHM_LOCK) != 0;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (lock)
    if (const int code = counted(calls::index, file); code != SQLITE_OK) return code;
  const int code = pass<&M::xShmLock>(file, from, n, flags);
  if (code != SQLITE_OK || !exclusive) return code;
  const std::lock_guard guard(state.mutex);
  if (from == write_lock && lock != std::exchange(handle_of(file).holds_write_lock, lock))
    state.write_locks += lock ? 1 : -1;
  if (lock && from <= checkpoint_lock && checkpoint_lock < from + n) {
    ++state.checkpoints;
    if (state.write_locks == 0) ++state.unguarded_checkpoints;
  }
  return code;
}

const M methods = [] {
  M m{};
  m.iVersion = 2;  // without memory mapping, whose writes could not be counted
  m.xClose = close_file;
  m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
    return pass_counted<calls::read, &M::xRead>(f, to, size, at);
  };
  m.xWrite = write_file;
  m.xTruncate = truncate_file;
  m.xSync = sync_file;
  m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return pass<&M::xFileSize>(f, size); };
  m.xLock = [](sqlite3_file* f, int level) { return pass_counted<calls::lock, &M::xLock>(f, level); };
  m.xUnlock = [](sqlite3_file* f, int level) { return pass<&M::xUnlock>(f, level); };
  m.xCheckReservedLock = [](sqlite3_file* f, int* out) { return pass<&M::xCheckReservedLock>(f, out); };
  m.xFileControl = [](sqlite3_file* f, int op, void* value) { return pass<&M::xFileControl>(f, op, value); };
  m.xSectorSize = [](sqlite3_file* f) { return pass<&M::xSectorSize>(f); };
  m.xDeviceCharacteristics = [](sqlite3_file* f) { return pass<&M::xDeviceCharacteristics>(f); };
  m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** memory) {
    return pass_counted<calls::map, &M::xShmMap>(f, page, size, extend, memory);
  };
  m.xShmLock = lock_index;
  m.xShmBarrier = [](sqlite3_file* f) {
    auto* real = handle_of(f).real();
    real->pMethods->xShmBarrier(real);
  };
  m.xShmUnmap = [](sqlite3_file* f, int remove) { return pass<&M::xShmUnmap>(f, remove); };
  return m;
}();

sqlite3_vfs* real_of(sqlite3_vfs* vfs) {
  return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

int open_file_through(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  std::memset(file, 0, static_cast<std::size_t>(vfs->szOsFile));
  auto& handle = handle_of(file);
  {
    const std::lock_guard lock(state.mutex);
    handle.number = ++state.opened;
    if (const int code = counted(calls::open, handle.number); code != SQLITE_OK) return code;
  }
  const int code = real_of(vfs)->xOpen(real_of(vfs), name, handle.real(), flags, out_flags);
  if (handle.real()->pMethods == nullptr) return code;
  handle.base.pMethods = &methods;
  handle.path = new std::string(name != nullptr ? name : "");
  handle.log = (flags & SQLITE_OPEN_WAL) != 0;
  return code;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  const std::lock_guard lock(state.mutex);
  const int code = real_of(vfs)->xDelete(real_of(vfs), name, sync_directory);
  if (code == SQLITE_OK && state.observer != nullptr) state.observer->removed(name);
  return code;
}

}  // namespace

struct FaultyFiles::Layer {
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *real;
};

FaultyFiles::FaultyFiles(FileObserver* observer) : layer_(std::make_unique<Layer>()) {
  auto& vfs = layer_->vfs;
  vfs.zName = "comem-faulty";
  vfs.pAppData = layer_->real;
  vfs.szOsFile = static_cast<int>(sizeof(Handle)) + layer_->real->szOsFile;
  vfs.xOpen = open_file_through;
  vfs.xDelete = remove_file;
  const std::lock_guard lock(state.mutex);
  state.observer = observer;
  state.fault.reset();
  state.failed = false;
  state.broken_before = 0;
  state.counts.clear();
  state.log_syncs = state.write_locks = state.checkpoints = state.unguarded_checkpoints = 0;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) throw std::runtime_error("SQLite takes no file system");
}

FaultyFiles::~FaultyFiles() {
  stop();
  sqlite3_vfs_unregister(&layer_->vfs);
  sqlite3_vfs_register(layer_->real, 1);
}

void FaultyFiles::fail(const Fault& fault) {
  const std::lock_guard lock(state.mutex);
  state.fault = fault;
  state.failed = false;
  state.broken_before = 0;
}

bool FaultyFiles::stop() {
  const std::lock_guard lock(state.mutex);
  state.fault.reset();
  state.broken_before = 0;
  return std::exchange(state.failed, false);
}

int FaultyFiles::count(unsigned kind) const {
  const std::lock_guard lock(state.mutex);
  return state.counts[kind];
}

int FaultyFiles::log_syncs() const {
  const std::lock_guard lock(state.mutex);
  return state.log_syncs;
}

int FaultyFiles::checkpoints() const {
  const std::lock_guard lock(state.mutex);
  return state.checkpoints;
}

int FaultyFiles::unguarded_checkpoints() const {
  const std::lock_guard lock(state.mutex);
  return state.unguarded_checkpoints;
}

}  // namespace comem::testing
