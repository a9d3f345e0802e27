#pragma once
// A layer over SQLite's file system that counts calls, makes the n-th one fail (or kills the process in it),
// and tells an observer what is written and synced. It does not really sync: no test here pulls the plug, and
// the tests run many times faster.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace comem::testing {

/// Kinds of calls, to be joined by |.
namespace calls {
inline constexpr unsigned read = 1;
inline constexpr unsigned write = 2;
inline constexpr unsigned sync = 4;
inline constexpr unsigned truncate = 8;
inline constexpr unsigned open = 16;
inline constexpr unsigned map = 32;     ///< of the log's index
inline constexpr unsigned lock = 64;    ///< of the file
inline constexpr unsigned index = 128;  ///< locks of the log's index
inline constexpr unsigned changes = write | sync | truncate;
inline constexpr unsigned all = 255;
}  // namespace calls

struct Fault {
  unsigned kinds = calls::changes;
  int after = 0;  ///< calls of these kinds that still succeed
  enum class Lasts {
    once,
    until_stopped,
    with_handles,  ///< every file that is open when it begins fails for good; files opened later do not
  } lasts = Lasts::once;
  int code = 0;        ///< SQLite's result code; 0: the I/O error of the kind
  bool kills = false;  ///< SIGKILL instead of an error
};

/// Called with one lock held, after the call has had its effect.
class FileObserver {
 public:
  virtual ~FileObserver() = default;
  virtual void written(const std::string& path, std::string_view bytes, std::int64_t at) = 0;
  virtual void truncated(const std::string& path, std::int64_t size) = 0;
  virtual void synced(const std::string& path) = 0;
  virtual void sync_failed(const std::string& path) = 0;
  virtual void removed(const std::string& path) = 0;
};

/// SQLite's default file system from construction to destruction; one at a time. Open no database before, and
/// close all before it ends.
class FaultyFiles {
 public:
  explicit FaultyFiles(FileObserver* observer = nullptr);
  ~FaultyFiles();
  FaultyFiles(const FaultyFiles&) = delete;
  FaultyFiles& operator=(const FaultyFiles&) = delete;

  void fail(const Fault& fault);
  /// Ends the fault. Answers whether a call has failed since fail().
  bool stop();

  /// Calls so far, of all files and of write-ahead logs.
  int count(unsigned kind) const;
  int log_syncs() const;
  /// How often a connection took the lock under which a log is copied into the database, and how often no
  /// connection of this process held the write lock at that time.
  int checkpoints() const;
  int unguarded_checkpoints() const;

 private:
  struct Layer;
  std::unique_ptr<Layer> layer_;
};

}  // namespace comem::testing
