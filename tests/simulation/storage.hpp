#pragma once
// A simulated process' opening of its host's disk: the Store port, with time between a call, its transaction
// and its answer.

#include <comem/error.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/answer.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/timeline.hpp"

namespace comem::simulation {

/// How a disk behaves; shared by all processes of its host.
struct DiskMood {
  double rejected = 0;          ///< chance that a write fails and is not applied
  double unknown = 0;           ///< chance that a write fails and may have been applied
  Duration slowness{0};         ///< added to everything
  SteadyTime busy_until{};      ///< there is one writer
  std::uint64_t synced_to = 0;  ///< changes that survive a loss of power
};

class Storage {
 public:
  Storage(Timeline& timeline, const Loop& loop, Disk& disk, DiskMood& mood, Random random, Ablation ablation);

  /// The port as the sync engine uses it, and as agents do.
  storage::Store& for_sync() noexcept { return sync_; }
  storage::Store& for_agents() noexcept { return agents_; }
  const std::string& process_id() const noexcept { return process_id_; }

  /// The process was killed: of the writes that wait, some were done all the same.
  void crash();
  /// Power was lost: nothing that waits is done.
  void lose_power() { jobs_.clear(); }

 private:
  class Port final : public storage::Store {
   public:
    Port(Storage& storage, bool by_sync) : storage_(storage), by_sync_(by_sync) {}
    boost::asio::awaitable<void> read(storage::ReadFunction function) override;
    boost::asio::awaitable<void> write(storage::WriteFunction function,
                                       storage::Durability durability) override;
    boost::asio::awaitable<void> sync(std::uint64_t change) override;
    void on_queued(storage::QueueListener told) override { storage_.told_queued_ = std::move(told); }
    std::uint64_t data_version(storage::ReadTransaction& read) override { return read.last_change(); }
    boost::asio::awaitable<std::vector<Finding>> diagnose() override;
    const std::string& store_id() const noexcept override { return storage_.disk_.store_id(); }
    const std::string& process_id() const noexcept override { return storage_.process_id_; }
    const std::string& path() const noexcept override { return storage_.path_; }
    int schema_version() const noexcept override { return 1; }
    void close() noexcept override {}

   private:
    Storage& storage_;
    const bool by_sync_;
  };
  struct Job {
    storage::ReadFunction read;
    storage::WriteFunction write;
    storage::Durability durability = storage::Durability::process;
    std::uint64_t sync_to = 0;  // neither read nor write: make changes up to this one safe
    bool by_sync = false;
    bool done = false;
    std::optional<Answer> answer;
  };
  struct Submit;

  void submit(std::uint64_t id);
  void carry_out(std::uint64_t id);
  void answer(std::uint64_t id, std::exception_ptr error);
  void sync_now(std::uint64_t id);
  void write_now(Job& job, std::uint64_t id);
  /// Tells what commits up to this one have queued.
  void tell_queued(std::uint64_t commit);
  boost::asio::awaitable<void> perform(Job job);

  Timeline& timeline_;
  const Loop& loop_;
  Disk& disk_;
  DiskMood& mood_;
  Random random_;
  const Ablation ablation_;
  std::string process_id_;
  std::string path_ = "simulated";
  std::map<std::uint64_t, Job> jobs_;  // not answered yet, in the order of their calls
  std::uint64_t last_job_ = 0;
  storage::QueueListener told_queued_;
  std::deque<std::pair<std::uint64_t, std::vector<storage::Queued>>> untold_;  // by commit
  Port sync_{*this, true};
  Port agents_{*this, false};
};

}  // namespace comem::simulation
