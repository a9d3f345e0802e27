#pragma once
// Many seeds, on several threads.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/ablation.hpp"

namespace comem::simulation {

struct CampaignOptions {
  std::uint64_t first = 1;
  std::uint64_t seeds = 1000;
  unsigned jobs = 1;
  Ablation ablation = Ablation::none;
  std::size_t enough = 10;  ///< failing seeds after which no further seed is begun; 0: never enough
};

struct CampaignResult {
  std::uint64_t seeds = 0;  ///< that were run
  std::uint64_t events = 0;
  std::uint64_t hash = 0;  ///< of all traces; equal for equal seeds, however many jobs
  std::chrono::duration<double> wall{0};
  std::chrono::duration<double> simulated{0};
  std::chrono::milliseconds slowest_convergence{0};
  std::map<std::uint64_t, std::vector<std::string>> failures;  ///< by seed: what broke
};

/// `progress` is called about once a second, on the calling thread, with the number of seeds that were run.
CampaignResult run_campaign(const CampaignOptions& options,
                            const std::function<void(std::uint64_t)>& progress = {});

}  // namespace comem::simulation
