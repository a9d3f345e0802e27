#pragma once
// One simulated host: a clock, a disk, and the processes that share it.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/task_scope.hpp"
#include "storage/namespace_sync.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/relay.hpp"
#include "tests/simulation/storage.hpp"
#include "tests/simulation/timeline.hpp"

namespace comem::simulation {

/// Wall time with an error, which may jump.
class HostClock final : public Clock {
 public:
  explicit HostClock(const Timeline& timeline) : timeline_(timeline) {}
  TimePoint now() const override;
  SteadyTime steady() const override { return timeline_.now(); }
  void set_error(Milliseconds error) noexcept { error_ = error; }
  Milliseconds error() const noexcept { return error_; }

 private:
  const Timeline& timeline_;
  Milliseconds error_{0};
};

/// What all hosts of a simulation share.
struct Surroundings {
  Timeline& timeline;
  Network& network;
  Ledger& ledger;
  const std::vector<std::string>& namespaces;
  Options options;
  Ablation ablation = Ablation::none;
  Milliseconds largest_error{0};  ///< by which a clock ever went ahead

  /// The furthest that any clock can have come.
  TimePoint latest() const;
};

class Process;

struct Host {
  Host(Surroundings& surroundings, std::size_t number_);
  std::size_t number;
  HostClock clock;
  DiskMood mood;
  Disk disk;
  std::array<std::unique_ptr<Process>, 2> processes;  // empty where none runs
};

/// One thing that an agent does.
struct Deed {
  enum class Kind { put, forget, execute, access, read, purge } kind = Kind::put;
  RecordKey key;
  std::string value;
  Milliseconds time_to_live{0};  // 0: for ever
  bool durable = true;
  bool shared = false;  // waits for Redis too
};

/// The sync engine as the product's engine runs it, and agents.
class Process final : public storage::RelayListener {
 public:
  Process(Surroundings& surroundings, Host& host, Random random);
  ~Process() override;

  void start();
  void act(Deed deed);
  /// As the engine's close(): ends in the virtual time; then `ended()`.
  void close();
  bool ended() const noexcept { return ended_; }
  /// Before the end of a process that is killed.
  void crash() { storage_.crash(); }
  void lose_power() { storage_.lose_power(); }

  const SimulatedRelay& relay() const noexcept { return relay_; }

 private:
  void on_relay_state(RelayState state, const std::string& reason) override;
  void on_relay_hint(const std::string& ns, storage::Hint hint) override;
  void queued(std::vector<storage::Queued> all);
  void run() { surroundings_.timeline.run(loop_); }
  boost::asio::awaitable<void> carry_out(Deed deed);
  boost::asio::awaitable<void> write(Deed deed);
  boost::asio::awaitable<void> read(Deed deed);
  boost::asio::awaitable<void> shut_down();

  Surroundings& surroundings_;
  Host& host_;
  Loop loop_;
  Storage storage_;
  SimulatedRelay relay_;
  std::map<std::string, std::unique_ptr<storage::NamespaceSync>> syncs_;
  TaskScope scope_;
  bool ended_ = false;
};

}  // namespace comem::simulation
