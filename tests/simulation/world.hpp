#pragma once
// The simulated world of one seed: hosts that work and fail, then heal; and the check that every promise was
// kept.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "tests/simulation/ablation.hpp"
#include "tests/simulation/host.hpp"
#include "tests/simulation/plan.hpp"

namespace comem::simulation {

struct Verdict {
  std::uint64_t hash = 0;  ///< of the trace
  std::uint64_t events = 0;
  Duration time{0};         ///< virtual
  Duration convergence{0};  ///< from the moment in which everybody reached Redis
  std::vector<std::string> broken;
};

/// Runs on this thread alone. The same arguments give the same verdict.
Verdict simulate(std::uint64_t seed, Ablation ablation = Ablation::none,
                 std::function<void(const std::string&)> trace = {});

class World {
 public:
  World(std::uint64_t seed, Ablation ablation, std::function<void(const std::string&)> trace);
  ~World();
  Verdict run();

 private:
  void begin();
  void work();
  void sleep();
  void be_absent();
  void sleep_for(Milliseconds time);
  void mend();
  void heal();
  void settle();
  void check();

  Deed make_deed();
  void act();
  void incident();
  void start(std::size_t host, std::size_t process);
  void kill(std::size_t host, std::size_t process);
  void power_failure(std::size_t host);
  void close(std::size_t host, std::size_t process);
  void await_end(std::size_t host, std::size_t process, int patience);
  void jump_clock(Host& host);
  void server_loses();
  void server_goes(Duration time);
  void partition(std::size_t host, Duration time);
  void spoil_disk(Host& host, Duration time);
  Duration some_time() { return Duration(random_.between(20'000, 4'000'000)); }
  Duration moment() { return Duration(random_.between(0, plan_.active.count())); }
  std::vector<SimulatedRelay const*> relays() const;
  std::size_t backlog() const;
  bool converged() const;
  bool advance(Duration time);
  template <class Function>
  void for_each_process(Function function) const;

  SeededIds ids_;
  Random random_;
  const Plan plan_;
  Timeline timeline_;
  Ledger ledger_;
  const Ablation ablation_;
  HostClock server_clock_{timeline_};
  Server server_{server_clock_, ledger_, ablation_};
  Network network_{timeline_, server_, random_.fork()};
  std::vector<std::string> namespaces_;
  Surroundings surroundings_;
  std::vector<std::unique_ptr<Host>> hosts_;
  Server::Spaces snapshot_;
  std::uint64_t deeds_ = 0;
  bool healed_ = false;
  bool asleep_ = false;
  std::optional<std::size_t> absent_;  // this host stays off
  Duration convergence_{0};
};

}  // namespace comem::simulation
