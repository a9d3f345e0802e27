#include "adapters/sqlite/readers.hpp"

namespace comem::sqlite {

void serve_read(Queries& queries, Job& job) {
  std::exception_ptr error;
  auto& connection = queries.connection();
  try {
    connection.prepare("BEGIN").run();
    job.read(queries);
    connection.prepare("COMMIT").run();
  } catch (...) {
    error = std::current_exception();
    connection.rollback();
  }
  complete(job, std::move(error));
}

Readers::Readers(std::vector<std::unique_ptr<Connection>> connections, Connect connect)
    : connect_(std::move(connect)), connections_(std::move(connections)) {
  for (auto& connection : connections_) threads_.emplace_back([this, &connection] { run(connection); });
}

Readers::~Readers() {
  close();
}

void Readers::run(std::unique_ptr<Connection>& connection) {
  auto queries = std::make_unique<Queries>(*connection);
  unsigned generation = 0;
  for (;;) {
    auto jobs = queue_.take(1);
    if (jobs.empty()) return;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !paused_; });
      ++active_;
    }
    const unsigned wanted = generation_;
    if (connection->was_troubled() || generation != wanted) {
      queries.reset();
      replace(connection);
      queries = std::make_unique<Queries>(*connection);
      generation = wanted;
    }
    serve_read(*queries, jobs.front());
    const std::lock_guard lock(mutex_);
    --active_;
    changed_.notify_all();
  }
}

void Readers::replace(std::unique_ptr<Connection>& connection) noexcept {
  try {
    connection = connect_();
  } catch (const std::exception&) {
    // The old one serves on: it says itself what is wrong, and asks for another after that.
  }
}

bool Readers::pause(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  paused_ = true;
  return changed_.wait_for(lock, most, [this] { return active_ == 0; });
}

void Readers::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
  changed_.notify_all();
}

void Readers::close() {
  queue_.close();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
  connections_.clear();
}

}  // namespace comem::sqlite
