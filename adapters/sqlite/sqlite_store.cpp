#include "adapters/sqlite/sqlite_store.hpp"

#include <comem/error.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/diagnosis.hpp"
#include "adapters/sqlite/opening.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/transaction.hpp"
#include "adapters/sqlite/writer.hpp"
#include "core/ids.hpp"

namespace comem::sqlite {

class SqliteStore::Impl {
 public:
  Impl(OpenDatabase database, const Clock& clock);

  /// Queues the job; answers false once closed.
  bool push_read(Job& job) { return memory_ ? writer_.push(job) : readers_.push(job); }
  bool push_write(Job& job) { return writer_.push(job); }
  void close() noexcept;
  Error closed() const {
    return Error(errc::closed, fmt::format("the store '{}' is closed; open it again", path_));
  }

  const std::string path_;
  const std::string store_id_;
  const std::string process_id_;
  const int schema_version_;
  const bool memory_;

  std::atomic<bool> closed_{false};
  std::mutex closing_;
  Readers readers_;
  Writer writer_;
};

namespace {

/// Hands the caller's handler, as the right to answer it, to a queue. Only pointers: g++ 12 destroys owning
/// objects inside a co_await expression twice. What they point to lives in the awaiting coroutine's frame.
struct Enqueue {
  SqliteStore::Impl* store;
  ReadTask* read;
  storage::WriteFunction* write;
  storage::Durability durability;

  template <class Handler>
  void operator()(Handler&& handler) const {
    auto answer = Answer::to(std::forward<Handler>(handler));
    if (read != nullptr) {
      Job job(std::move(*read), std::move(answer));
      if (!store->push_read(job)) complete(job, std::make_exception_ptr(store->closed()));
    } else {
      Job job(std::move(*write), durability, std::move(answer));
      if (!store->push_write(job)) complete(job, std::make_exception_ptr(store->closed()));
    }
  }
};

boost::asio::awaitable<void> wait_for(Enqueue enqueue) {
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
      enqueue, boost::asio::use_awaitable);
}

}  // namespace

SqliteStore::Impl::Impl(OpenDatabase database, const Clock& clock)
    : path_(database.path),
      store_id_(database.store_id),
      process_id_(make_random_id()),
      schema_version_(database.schema_version),
      memory_(!database.locker),
      readers_(std::move(database.readers), database.connect_reader),
      writer_(std::move(database), readers_, Identity{store_id_, process_id_, &clock}) {}

void SqliteStore::Impl::close() noexcept {
  closed_ = true;
  const std::lock_guard lock(closing_);
  // The writer's connection is closed last: it merges the log into the file when no other process is left.
  writer_.finish();
  readers_.close();
  writer_.close();
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() {
  close();
}

boost::asio::awaitable<void> SqliteStore::read(storage::ReadFunction function) {
  ReadTask task = [wanted = std::move(function)](Queries& queries) {
    SqliteRead transaction(queries);
    wanted(transaction);
  };
  const Enqueue enqueue{impl_.get(), &task, nullptr, storage::Durability::process};
  co_await wait_for(enqueue);
}

boost::asio::awaitable<void> SqliteStore::write(storage::WriteFunction function,
                                                storage::Durability durability) {
  const Enqueue enqueue{impl_.get(), nullptr, &function, durability};
  co_await wait_for(enqueue);
}

boost::asio::awaitable<void> SqliteStore::sync(std::uint64_t change) {
  if (impl_->closed_) throw impl_->closed();
  if (impl_->memory_ || change <= impl_->writer_.synced_change()) co_return;
  // A write of nothing at all: the writer makes its commit one that syncs, where that is still needed.
  storage::WriteFunction nothing = [](storage::WriteTransaction&) {};
  const Enqueue enqueue{impl_.get(), nullptr, &nothing, storage::Durability::power};
  co_await wait_for(enqueue);
}

std::uint64_t SqliteStore::data_version(storage::ReadTransaction& read) {
  return read.last_change();
}

std::optional<storage::StoreStamp> SqliteStore::stamp() const noexcept {
  return impl_->writer_.stamp();
}

void SqliteStore::on_commit(storage::CommitListener told) {
  impl_->writer_.on_commit(std::move(told));
}

void SqliteStore::on_queued(storage::QueueListener told) {
  impl_->writer_.on_queued(std::move(told));
}

boost::asio::awaitable<std::vector<Finding>> SqliteStore::diagnose() {
  auto findings = std::make_shared<std::vector<Finding>>();
  ReadTask task = [findings](Queries& queries) { *findings = sqlite::diagnose(queries.connection()); };
  const Enqueue enqueue{impl_.get(), &task, nullptr, storage::Durability::process};
  co_await wait_for(enqueue);
  co_return std::move(*findings);
}

const std::string& SqliteStore::store_id() const noexcept {
  return impl_->store_id_;
}
const std::string& SqliteStore::process_id() const noexcept {
  return impl_->process_id_;
}
const std::string& SqliteStore::path() const noexcept {
  return impl_->path_;
}
int SqliteStore::schema_version() const noexcept {
  return impl_->schema_version_;
}
void SqliteStore::close() noexcept {
  impl_->close();
}
SqliteStatistics SqliteStore::statistics() const noexcept {
  return impl_->writer_.statistics();
}

std::unique_ptr<SqliteStore> open_sqlite_store(const SqliteOptions& options) {
  const Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  auto database = open_database(options);
  return std::make_unique<SqliteStore>(std::make_unique<SqliteStore::Impl>(std::move(database), clock));
}

}  // namespace comem::sqlite
