#pragma once
// What a seed makes of the world: its size, its agents, and the kinds of faults that it will see.

#include <cstddef>

#include "tests/simulation/network.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/timeline.hpp"

namespace comem::simulation {

struct Plan {
  explicit Plan(Random& random);

  std::size_t hosts = 2;
  std::size_t processes = 1;  ///< most on one host
  std::size_t namespaces = 1;
  std::size_t keys = 6;  ///< for each namespace
  std::size_t deeds = 30;
  std::size_t incidents = 4;
  Duration active{5'000'000};  ///< how long agents work, for each half
  Milliseconds night{0};       ///< between the halves everything is off
  Milliseconds timeout{2000};  ///< of requests
  NetworkMood network;
  double local = 0.3;   ///< share of writes at level local
  double mortal = 0.2;  ///< share of keys with a time to live

  bool clocks = false;   ///< clocks are wrong, and jump
  bool disks = false;    ///< disks fail
  bool power = false;    ///< hosts lose power
  bool losses = false;   ///< Redis loses data
  bool absence = false;  ///< a host stays away for longer than tombstones are kept
};

}  // namespace comem::simulation
