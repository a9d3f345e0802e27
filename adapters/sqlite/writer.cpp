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

bool needs_power(const Job& job) {
  return job.durability == storage::Durability::power;
}

/// Commits, with a statement that is prepared once, and answers SQLite's code.
int commit_code(Connection& connection) {
  try {
    connection.prepare("COMMIT").run();
    return SQLITE_OK;
  } catch (const Error&) {
    return sqlite3_extended_errcode(connection.handle());
  }
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
  Spinning spinning;
  for (bool alone = true;;) {
    if (alone) queue_.look(spinning);  // of many, some are here by the time the others are answered
    auto group = queue_.take(most_functions);
    if (group.empty()) return;
    alone = group.size() == 1;
    if (!group.front().read) {
      serve(group);
      continue;
    }
    for (auto& job : group) serve_read(*queries_, job);
  }
}

void Writer::serve(std::vector<Job>& group) {
  Outcomes outcomes;
  const bool sync = std::any_of(group.begin(), group.end(), needs_power);
  std::size_t begun = group.size();
  std::vector<storage::Queued> queued;
  try {
    if (troubled_groups_ >= bearable_groups) reconnect();
    check_place(errc::rejected);
    set_synchronous(sync);
    if (sync && checkpointer_) checkpointer_->settle();
    std::optional<storage::StoreStamp> before;
    for (bool savepoints = false;; savepoints = true) {
      connection_->prepare("BEGIN IMMEDIATE").run();
      before = stamp_.read();  // nobody else commits from here to our commit
      const bool stands = run_group(group, outcomes, sync, savepoints);
      begun = outcomes.size();
      if (stands) break;
      connection_->rollback();
      queries_->forget_namespaces();
    }
    const std::uint64_t commits = checkpointer_ ? checkpointer_->commits() : 0;
    if (connection_->in_transaction()) commit(group, outcomes, sync);
    if (before) tell_commit(*before, commits);
    check_place(errc::unknown_outcome);
    queued = queued_.committed(clock_.change);
  } catch (...) {
    // Nothing of this group stays: everybody hears why, but those whose own function failed hear that.
    connection_->rollback();
    queries_->forget_namespaces();
    queued = queued_.in_doubt(clock_.change);
    outcomes.resize(std::max(begun, outcomes.size()));
    for (auto& outcome : outcomes)
      if (!outcome) outcome = std::current_exception();
  }
  note_trouble();
  queue_.put_back(group, outcomes.size());
  for (std::size_t i = 0; i < group.size(); ++i) complete(group[i], std::move(outcomes[i]));
  if (told_queued_ && !queued.empty()) told_queued_(std::move(queued));
  if (checkpointer_) {
    std::uint64_t checkpoints = 0;
    checkpointer_->after_commit(checkpoints);
    checkpoints_ += checkpoints;
  }
}

/// Runs the group's functions, and those of callers that it is worth waiting for, as many as fit into one
/// transaction, and notes what became of each. False when the transaction is spoiled and must begin anew with
/// savepoints.
bool Writer::run_group(std::vector<Job>& group, Outcomes& outcomes, bool sync, bool savepoints) {
  outcomes.clear();
  changes_ = {};
  queued_ = {};
  const auto loaded = load_clock(*connection_, identity_.store_id);
  clock_ = loaded;
  std::size_t bytes = 0;
  while (bytes <= most_bytes && runs_on(group, outcomes.size(), sync)) {
    auto& job = group[outcomes.size()];
    outcomes.emplace_back();
    const bool alone = group.size() == 1;  // its end is the transaction's
    const Ran ran = run_function(job, savepoints, outcomes.back(), bytes);
    if (ran == Ran::stands) continue;
    queries_->forget_namespaces();
    if (ran == Ran::undone) continue;
    if (!savepoints && !alone) return false;
    connection_->rollback();
    queued_ = {};
    for (auto& outcome : outcomes)
      if (!outcome) outcome = undone_with_the_group(*connection_);
    return true;
  }
  const bool any = std::find(outcomes.begin(), outcomes.end(), nullptr) != outcomes.end();
  if (any)
    finish_clock(loaded, sync);
  else
    connection_->rollback();
  return true;
}

/// Whether there is a function to run after the first `run` of the group. A commit that will be synced waits
/// for one where that is worth it.
bool Writer::runs_on(std::vector<Job>& group, std::size_t run, bool sync) {
  if (run < group.size()) return true;
  if (!sync || run >= most_functions) return false;
  const auto come = std::count_if(group.begin(), group.end(), needs_power);
  const auto wanted = window_.wanted(static_cast<std::size_t>(come));
  if (wanted == 0) return false;
  queue_.take_more(group, most_functions, wanted, window_.until(std::chrono::steady_clock::now()));
  return run < group.size();
}

Writer::Ran Writer::run_function(Job& job, bool savepoint, std::exception_ptr& outcome, std::size_t& bytes) {
  const auto before = clock_;
  const auto rows = sqlite3_total_changes64(connection_->handle());
  SqliteWrite transaction(*queries_, identity_, clock_, told_queued_ != nullptr);
  try {
    if (savepoint) connection_->prepare("SAVEPOINT one").run();
    job.write(transaction);
    transaction.check();
    bytes += transaction.bytes();
    transaction.tell_changes(changes_);
    if (savepoint) connection_->prepare("RELEASE one").run();
    queued_.add(transaction.take_queued());
    return Ran::stands;
  } catch (...) {
    outcome = std::current_exception();
  }
  clock_ = before;
  if (!connection_->in_transaction()) return Ran::spoiled;
  if (savepoint) return undo_function() ? Ran::undone : Ran::spoiled;
  const bool wrote = rows != sqlite3_total_changes64(connection_->handle()) || transaction.failed();
  return wrote ? Ran::spoiled : Ran::undone;
}

bool Writer::undo_function() {
  try {
    connection_->prepare("ROLLBACK TO one").run();
    connection_->prepare("RELEASE one").run();
    return true;
  } catch (const Error&) {
    return false;
  }
}

// SQLite syncs a commit only when it writes something. What these callers rely on may have been written by
// others, at level `local`: then a version is skipped, so that there is something to write.
void Writer::finish_clock(const ClockRow& loaded, bool sync) {
  if (sync && clock_ == loaded && (unsynced_ || synced_change_ < clock_.change))
    clock_.stamped = next_version(identity_.clock->now(), clock_.stamped, Version{}, identity_.store_id);
  clock_saved_ = clock_ != loaded;
  if (clock_saved_) save_clock(*connection_, clock_);
}

void Writer::commit(const std::vector<Job>& group, const Outcomes& outcomes, bool sync) {
  const auto began = std::chrono::steady_clock::now();
  if (const int code = commit_code(*connection_); code != SQLITE_OK) {
    if ((code & 0xff) == SQLITE_IOERR && checkpointer_) checkpointer_->distrust_log();
    throw commit_failure(*connection_, code);
  }
  committed_change_ = clock_.change;
  unsynced_ = !sync || (unsynced_ && !clock_saved_);
  writes_ += static_cast<std::uint64_t>(std::count(outcomes.begin(), outcomes.end(), nullptr));
  ++commits_;
  if (!sync) return;
  ++syncs_;
  if (!clock_saved_) return;
  synced_change_ = clock_.change;
  const auto now = std::chrono::steady_clock::now();
  const auto callers = std::count_if(group.begin(), group.end(), needs_power);
  window_.synced(static_cast<std::size_t>(callers), queue_.waiting(storage::Durability::power), now - began,
                 now);
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
