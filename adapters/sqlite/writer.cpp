#include "adapters/sqlite/writer.hpp"

#include <sqlite3.h>

#include <algorithm>

#include <fmt/format.h>

namespace comem::sqlite {
namespace {

// Bounds of one transaction, and so of the wait of its first caller and of the log's growth.
constexpr std::size_t most_functions = 512;
constexpr std::size_t most_bytes = 4u << 20;

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

Writer::Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Connection> locker, Readers& readers,
               Identity identity)
    : connection_(std::move(connection)), queries_(*connection_), identity_(std::move(identity)) {
  if (locker) checkpointer_ = std::make_unique<Checkpointer>(*connection_, std::move(locker), readers);
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
  checkpointer_.reset();
  connection_.reset();
}

SqliteStatistics Writer::statistics() const noexcept {
  SqliteStatistics statistics;
  statistics.writes = writes_;
  statistics.commits = commits_;
  statistics.syncs = syncs_;
  statistics.checkpoints = checkpoints_;
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
    for (auto& job : group) serve_read(queries_, job);
  }
}

void Writer::serve(std::vector<Job>& group) {
  std::vector<std::exception_ptr> outcomes;
  const bool sync = std::any_of(group.begin(), group.end(),
                                [](const Job& job) { return job.durability == storage::Durability::power; });
  std::size_t begun = group.size();
  try {
    set_synchronous(sync);
    connection_->prepare("BEGIN IMMEDIATE").run();
    begun = commit_group(group, outcomes);
    if (connection_->in_transaction()) commit(outcomes, sync);
  } catch (...) {
    // Nothing of this group stays: everybody hears why, but those whose own function failed hear that.
    connection_->rollback();
    queries_.forget_namespaces();
    outcomes.resize(begun);
    for (auto& outcome : outcomes)
      if (!outcome) outcome = std::current_exception();
  }
  queue_.put_back(group, outcomes.size());
  for (std::size_t i = 0; i < group.size(); ++i) complete(group[i], std::move(outcomes[i]));
  if (checkpointer_) {
    std::uint64_t checkpoints = 0;
    checkpointer_->after_commit(checkpoints);
    checkpoints_ += checkpoints;
  }
}

/// Runs the group's functions, as many as fit into one transaction, and notes what became of each.
std::size_t Writer::commit_group(std::vector<Job>& group, std::vector<std::exception_ptr>& outcomes) {
  auto clock = load_clock(*connection_, identity_.store_id);
  const auto loaded = clock;
  std::size_t bytes = 0;
  for (auto& job : group) {
    if (bytes > most_bytes) break;
    outcomes.emplace_back();
    if (run_function(job, group.size() == 1, clock, outcomes.back(), bytes)) continue;
    queries_.forget_namespaces();
    if (connection_->in_transaction()) continue;
    for (auto& outcome : outcomes)
      if (!outcome) outcome = undone_with_the_group(*connection_);
    return outcomes.size();
  }
  if (clock != loaded) save_clock(*connection_, clock);
  return outcomes.size();
}

/// Answers whether the function's work stands.
bool Writer::run_function(Job& job, bool alone, ClockRow& clock, std::exception_ptr& outcome,
                          std::size_t& bytes) {
  const auto before = clock;
  try {
    if (!alone) connection_->prepare("SAVEPOINT one").run();
    SqliteWrite transaction(queries_, identity_, clock);
    job.write(transaction);
    transaction.check();
    bytes += transaction.bytes();
    if (!alone) connection_->prepare("RELEASE one").run();
    return true;
  } catch (...) {
    outcome = std::current_exception();
  }
  clock = before;
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
  if (code != SQLITE_OK) throw commit_failure(*connection_, code);
  writes_ += static_cast<std::uint64_t>(std::count(outcomes.begin(), outcomes.end(), nullptr));
  ++commits_;
  if (sync) ++syncs_;
}

void Writer::set_synchronous(bool full) {
  if (synchronous_full_ == full) return;
  connection_->execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  synchronous_full_ = full;
}

}  // namespace comem::sqlite
