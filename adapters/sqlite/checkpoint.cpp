#include "adapters/sqlite/checkpoint.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace comem::sqlite {
namespace {

constexpr int usual_pages = 1000;  // 4 MB
constexpr int retry_pages = 250;   // after a checkpoint that readers or other processes kept from finishing
constexpr int too_many_pages = 8000;        // 32 MB: stop our readers for it
constexpr int rewritten_at_once = 1 << 16;  // SQLite writes at most 128 KB a call
constexpr std::chrono::milliseconds lock_patience{20};
constexpr std::chrono::milliseconds reader_patience{100};

}  // namespace

Checkpointer::Checkpointer(Connection& writer, std::unique_ptr<Connection> locker, Readers& readers)
    : writer_(writer), locker_(std::move(locker)), readers_(readers), next_(usual_pages) {
  locker_->wait_for_locks(lock_patience);
  sqlite3_wal_hook(writer_.handle(), &Checkpointer::on_commit, this);
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
}

int Checkpointer::on_commit(void* self, sqlite3*, const char*, int pages) {
  static_cast<Checkpointer*>(self)->pages_ = pages;
  ++static_cast<Checkpointer*>(self)->commits_;
  return SQLITE_OK;
}

void Checkpointer::after_commit(std::uint64_t& checkpoints) noexcept {
  if (pages_ < usual_pages) next_ = usual_pages;  // begun anew, by us or by another process
  if (pages_ < next_) return;
  next_ = pages_ + retry_pages;
  if (!settled()) return;
  try {
    if (pages_ >= too_many_pages ? begin_log_anew() : copy_log()) ++checkpoints;
  } catch (const Error&) {
    // The log stays as long as it is and every commit in it stays valid.
  }
}

bool Checkpointer::copy_log() {
  locker_->execute("BEGIN IMMEDIATE");
  int pages = 0;
  int copied = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(writer_.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  locker_->rollback();
  if ((code & 0xff) == SQLITE_IOERR) distrusted_ = true;
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) throw writer_.error(code);
  return code == SQLITE_OK && pages == copied;
}

bool Checkpointer::begin_log_anew() {
  // Whoever writes next begins the log anew, provided that everything was copied and nobody reads from the
  // log. Readers that overlap without end prevent it, so they wait for the length of one checkpoint and one
  // commit. A long read (a diagnosis) is not waited for.
  struct Resume {
    ~Resume() {
      writer.wait_for_locks(Connection::usual_patience);
      readers.resume();
    }
    Connection& writer;
    Readers& readers;
  };
  const Resume resume{writer_, readers_};
  writer_.wait_for_locks(lock_patience);
  if (!readers_.pause(reader_patience) || !copy_log()) return false;
  // SQLite writes no page whose bytes stay as they are, so this must change something: it skips one version.
  writer_.execute("UPDATE clock SET counter = counter + 1");
  return true;
}

void Checkpointer::settle() {
  if (!distrusted_) return;
  struct Release {
    ~Release() {
      locker.rollback();
      locker.wait_for_locks(lock_patience);
    }
    Connection& locker;
  };
  const Release release{*locker_};
  try {
    locker_->wait_for_locks(Connection::usual_patience);
    locker_->execute("BEGIN IMMEDIATE");  // nobody appends meanwhile
    rewrite_log();
    distrusted_ = false;
  } catch (const Error& error) {
    throw Error(
        errc::rejected,
        fmt::format("commit failed: after trouble with the disk the log of '{}' must be written once more, "
                    "which failed too ({}); try again",
                    writer_.path(), error.what()));
  }
}

bool Checkpointer::settled() noexcept {
  try {
    settle();
    return true;
  } catch (const Error&) {
    return false;
  }
}

void Checkpointer::rewrite_log() {
  sqlite3_file* log = nullptr;
  const auto check = [this](int code) {
    if (code != SQLITE_OK) throw writer_.error(code);
  };
  check(sqlite3_file_control(writer_.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log));
  if (log == nullptr || log->pMethods == nullptr) return;
  sqlite3_int64 size = 0;
  check(log->pMethods->xFileSize(log, &size));
  std::vector<char> piece(rewritten_at_once);
  for (sqlite3_int64 at = 0; at < size; at += static_cast<sqlite3_int64>(piece.size())) {
    const auto length = static_cast<int>(std::min<sqlite3_int64>(size - at, rewritten_at_once));
    check(log->pMethods->xRead(log, piece.data(), length, at));
    check(log->pMethods->xWrite(log, piece.data(), length, at));
  }
  check(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

}  // namespace comem::sqlite
