#pragma once
// The storage port in memory, for tests of what stands on it. It keeps the port's contract (tests/contract)
// but for one thing: functions run on the caller's thread, so that tests with a fake clock and one io_context
// are deterministic.

#include <comem/error.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "storage/store.hpp"

namespace comem::testing {

class MemoryStore final : public storage::Store {
 public:
  explicit MemoryStore(const Clock& clock = system_clock());
  ~MemoryStore() override;

  /// A further process on the same data.
  std::unique_ptr<MemoryStore> sibling() const;
  /// The next write is not applied and throws this.
  void fail_next_write(errc code);
  /// Whether what was queued is told of.
  void tell(bool yes) noexcept { tells_ = yes; }
  /// How often this opening was read.
  std::size_t reads() const noexcept { return reads_; }
  /// Whether sync() throws.
  void fail_syncs(bool fail) noexcept { syncs_fail_ = fail; }

  boost::asio::awaitable<void> read(storage::ReadFunction function) override;
  boost::asio::awaitable<void> write(storage::WriteFunction function,
                                     storage::Durability durability) override;
  boost::asio::awaitable<void> sync(std::uint64_t change) override;
  void on_queued(storage::QueueListener told) override { told_queued_ = std::move(told); }
  std::uint64_t data_version(storage::ReadTransaction& read) override;
  boost::asio::awaitable<std::vector<Finding>> diagnose() override;
  const std::string& store_id() const noexcept override;
  const std::string& process_id() const noexcept override { return process_id_; }
  const std::string& path() const noexcept override { return path_; }
  int schema_version() const noexcept override { return 1; }
  void close() noexcept override;

 private:
  struct Shared;
  explicit MemoryStore(std::shared_ptr<Shared> shared);
  void check_open() const;
  std::vector<storage::Queued> commit(const storage::WriteFunction& function);

  std::shared_ptr<Shared> shared_;
  std::string process_id_;
  std::string path_ = ":memory:";
  std::optional<errc> failure_;
  std::atomic<bool> closed_{false};
  std::size_t reads_ = 0;
  bool tells_ = true;
  bool syncs_fail_ = false;
  storage::QueueListener told_queued_;
};

}  // namespace comem::testing
