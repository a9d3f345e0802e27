#include "adapters/sqlite/writer.hpp"

#include <sqlite3.h>

#include <algorithm>

#include <fmt/format.h>

#include "core/hybrid_clock.hpp"

namespace comem::sqlite {
namespace {

// Bounds of one transaction, and so of the wait of its first caller and of the log's growth.
constexpr std::size_t most_functions = 512;
constexpr std::size_t most_bytes = 4u << 20;

// Groups in a row that trouble with the file may spoil before the connections are replaced: what passes by
// itself is not worth it.
constexpr int bearable_groups = 2;

/// What a failed commit means. A commit that SQLite could not even begin to log is surely undone; after an
/// I/O error its pages may stand in the log, complete, and come to life when a crash makes SQLite recover
/// from it.
Error commit_failure(const Connection& connection, int code) {
  const Error cause = connection.error(code);
  const bool surely_undone = (code & 0xff) != SQLITE_IOERR;
  return Error(surely_undone ? errc::rejected : errc::unknown_outcome,
               fmt::format("commit failed: {}", cause.what()));
}

std::exception_ptr undone_with_the_group(const Connection& connection) {
  return std::make_exception_ptr(
      Error(errc::rejected,
            fmt::format("the transaction on '{}' was given up by SQLite because another write in it "
                        "failed; try again",
                        connection.path())));
}

}  // namespace

Writer::Writer(OpenDatabase database, Readers& readers, Identity identity)
    : database_(std::move(database)),
      readers_(readers),
      connection_(std::move(database_.writer)),
      queries_(std::make_unique<Queries>(*connection_)),
      identity_(std::move(identity)) {
  if (database_.locker) stamp_.watch(*database_.locker);
  if (database_.locker)
    checkpointer_ = std::make_unique<Checkpointer>(*connection_, std::move(database_.locker), readers);
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  close();
}

void Writer::finish() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Writer::close() {
  finish();
  // The last connection copies the log into the database; not while it may have gaps.
  if (checkpointer_ && !checkpointer_->settled()) connection_->keep_log_on_close(true);
  stamp_.forget();
  checkpointer_.reset();
  connection_.reset();
}

SqliteStatistics Writer::statistics() const noexcept {
  SqliteStatistics statistics;
  statistics.writes = writes_;
  statistics.commits = commits_;
  statistics.syncs = syncs_;
  statistics.checkpoints = checkpoints_;
  statistics.reconnections = reconnections_;
  return statistics;
}

void Writer::run() {
  for (;;) {
    auto group = queue_.take(most_functions);
    if (group.empty()) return;
    if (!group.front().read) {
      serve(group);
      continue;
    }
    for (auto& job : group) serve_read(*queries_, job);
  }
}

void Writer::serve(std::vector<Job>& group) {
  std::vector<std::exception_ptr> outcomes;
  const bool sync = std::any_of(group.begin(), group.end(),
                                [](const Job& job) { return job.durability == storage::Durability::power; });
  std::size_t begun = group.size();
  try {
    if (troubled_groups_ >= bearable_groups) reconnect();
    check_place(errc::rejected);
    set_synchronous(sync);
    if (sync && checkpointer_) checkpointer_->settle();
    connection_->prepare("BEGIN IMMEDIATE").run();
    changes_ = {};
    const auto before = stamp_.read();  // nobody else commits from here to our commit
    const std::uint64_t commits = checkpointer_ ? checkpointer_->commits() : 0;
    begun = commit_group(group, outcomes, sync);
    if (connection_->in_transaction()) commit(outcomes, sync);
    if (before) tell_commit(*before, commits);
    check_place(errc::unknown_outcome);
  } catch (...) {
    // Nothing of this group stays: everybody hears why, but those whose own function failed hear that.
    connection_->rollback();
    queries_->forget_namespaces();
    outcomes.resize(begun);
    for (auto& outcome : outcomes)
      if (!outcome) outcome = std::current_exception();
  }
  note_trouble();
  queue_.put_back(group, outcomes.size());
  for (std::size_t i = 0; i < group.size(); ++i) complete(group[i], std::move(outcomes[i]));
  if (checkpointer_) {
    std::uint64_t checkpoints = 0;
    checkpointer_->after_commit(checkpoints);
    checkpoints_ += checkpoints;
  }
}

/// Runs the group's functions, as many as fit into one transaction, and notes what became of each.
std::size_t Writer::commit_group(std::vector<Job>& group, std::vector<std::exception_ptr>& outcomes,
                                 bool sync) {
  const auto loaded = load_clock(*connection_, identity_.store_id);
  clock_ = loaded;
  std::size_t bytes = 0;
  for (auto& job : group) {
    if (bytes > most_bytes) break;
    outcomes.emplace_back();
    if (run_function(job, group.size() == 1, outcomes.back(), bytes)) continue;
    queries_->forget_namespaces();
    if (connection_->in_transaction()) continue;
    for (auto& outcome : outcomes)
      if (!outcome) outcome = undone_with_the_group(*connection_);
    return outcomes.size();
  }
  // SQLite syncs a commit only when it writes something. What these callers rely on may have been written by
  // others, at level `local`: then a version is skipped, so that there is something to write.
  if (sync && clock_ == loaded && (unsynced_ || synced_change_ < clock_.change))
    clock_.stamped = next_version(identity_.clock->now(), clock_.stamped, Version{}, identity_.store_id);
  clock_saved_ = clock_ != loaded;
  if (clock_saved_) save_clock(*connection_, clock_);
  return outcomes.size();
}

/// Answers whether the function's work stands.
bool Writer::run_function(Job& job, bool alone, std::exception_ptr& outcome, std::size_t& bytes) {
  const auto before = clock_;
  try {
    if (!alone) connection_->prepare("SAVEPOINT one").run();
    SqliteWrite transaction(*queries_, identity_, clock_);
    job.write(transaction);
    transaction.check();
    bytes += transaction.bytes();
    transaction.tell_changes(changes_);
    if (!alone) connection_->prepare("RELEASE one").run();
    return true;
  } catch (...) {
    outcome = std::current_exception();
  }
  clock_ = before;
  try {
    if (!alone) connection_->prepare("ROLLBACK TO one").run();
    if (!alone) connection_->prepare("RELEASE one").run();
    if (alone) connection_->rollback();
  } catch (const Error&) {
    connection_->rollback();
  }
  return false;
}

void Writer::commit(const std::vector<std::exception_ptr>& outcomes, bool sync) {
  const int code = sqlite3_exec(connection_->handle(), "COMMIT", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    if ((code & 0xff) == SQLITE_IOERR && checkpointer_) checkpointer_->distrust_log();
    throw commit_failure(*connection_, code);
  }
  committed_change_ = clock_.change;
  unsynced_ = !sync || (unsynced_ && !clock_saved_);
  if (sync && clock_saved_) synced_change_ = clock_.change;
  writes_ += static_cast<std::uint64_t>(std::count(outcomes.begin(), outcomes.end(), nullptr));
  ++commits_;
  if (sync) ++syncs_;
}

// Another process may have committed since our commit. Then `after` holds changes that we do not know, and
// nobody is told: what was kept as of before is good for nothing.
void Writer::tell_commit(const storage::StoreStamp& before, std::uint64_t commits) {
  const auto after = stamp_.read();
  if (!told_ || !after || !CommitStamp::apart(before, *after, checkpointer_->commits() - commits)) return;
  changes_.before = before;
  changes_.after = *after;
  told_(changes_);
}

void Writer::set_synchronous(bool full) {
  if (synchronous_full_ == full) return;
  connection_->execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  synchronous_full_ = full;
}

void Writer::check_place(errc code) const {
  const auto& place = *database_.place;
  const auto missing = code == errc::rejected ? place.missing() : place.missing_database();
  if (missing.empty()) return;
  const char* outcome =
      code == errc::rejected ? "nothing was written" : "what was written just now lies in the old file";
  throw Error(code,
              fmt::format("{} while it was open; {}: put the file back together with its log, or close the "
                          "store and open it again",
                          missing, outcome));
}

void Writer::note_trouble() noexcept {
  troubled_groups_ = connection_->was_troubled() ? troubled_groups_ + 1 : 0;
}

/// Replaces every connection of the store: descriptors may have died with a device, and caches may hold what
/// the file no longer does. While that fails, or another database lies in the place, the old ones stay.
void Writer::reconnect() {
  if (!checkpointer_) return;
  try {
    auto connection = database_.connect_writer();
    auto locker = database_.connect_locker();
    if (Queries(*connection).last_change() < committed_change_) return;
    stamp_.forget();
    checkpointer_.reset();
    queries_.reset();
    connection_ = std::move(connection);
    synchronous_full_.reset();
    queries_ = std::make_unique<Queries>(*connection_);
    stamp_.watch(*locker);
    checkpointer_ = std::make_unique<Checkpointer>(*connection_, std::move(locker), readers_);
    checkpointer_->distrust_log();
    database_.place->remember();
    unsynced_ = true;
    synced_change_ = 0;
    readers_.reconnect();
    ++reconnections_;
  } catch (const Error&) {
    // The group that comes now hears from the old connection what is wrong.
  }
}

}  // namespace comem::sqlite
