#pragma once
// What lies between simulated processes and the simulated Redis: latency, loss, delay, duplication,
// partitions.

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "storage/relay.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/server.hpp"
#include "tests/simulation/timeline.hpp"

namespace comem::simulation {

class SimulatedRelay;

/// Chances by message, and how fast the rest is.
struct NetworkMood {
  double lost = 0;
  double late = 0;  ///< by seconds: a request may be carried out after its sender gave it up
  double twice = 0;
  double cut = 0;    ///< of a push's reply: the connection breaks in its middle
  double stray = 0;  ///< of a push's reply: it comes again, when nobody waits for it
  double hint_lost = 0;
  Duration slowest{3'000};
  bool in_order = true;  ///< messages of one connection do not overtake each other
};

class Network {
 public:
  Network(Timeline& timeline, Server& server, Random random)
      : timeline_(timeline), server_(server), random_(random) {}

  /// `last`: when the last message of this connection and direction arrives. Answers false when the message
  /// will surely never arrive.
  bool to_server(std::size_t host, SteadyTime& last, Action action);
  void to_client(std::size_t host, SteadyTime& last, const std::weak_ptr<Loop*>& loop, Action action);
  void publish(const std::string& ns, const storage::Hint& hint);

  bool reaches(std::size_t host) const { return !server_.down && !cut_off(host); }
  bool cut_off(std::size_t host) const { return partitioned_.count(host) != 0; }
  void partition(std::size_t host, bool on);
  /// The server goes, or another one stands in its place: every connection breaks.
  void break_connections(const std::string& reason);

  /// Answers the relay's number, which no other one ever has.
  std::uint64_t add(SimulatedRelay& relay) {
    relays_.push_back(&relay);
    return ++relays_so_far_;
  }
  void remove(SimulatedRelay& relay) { std::erase(relays_, &relay); }
  std::uint64_t new_connection() noexcept { return ++connections_; }
  Duration latency();

  Server& server() noexcept { return server_; }
  Random& random() noexcept { return random_; }
  NetworkMood mood;

 private:
  Duration in_order(Duration delay, SteadyTime& last) const;

  Timeline& timeline_;
  Server& server_;
  Random random_;
  std::set<std::size_t> partitioned_;
  std::vector<SimulatedRelay*> relays_;
  std::uint64_t connections_ = 0;
  std::uint64_t relays_so_far_ = 0;
};

}  // namespace comem::simulation
