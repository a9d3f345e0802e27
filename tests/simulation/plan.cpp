#include "tests/simulation/plan.hpp"

#include <algorithm>
#include <array>

namespace comem::simulation {

Plan::Plan(Random& random) {
  const auto number = [&random](std::int64_t low, std::int64_t high) {
    return static_cast<std::size_t>(random.between(low, high));
  };
  const auto sometimes = [&random](double probability, double most) {
    return random.chance(probability) ? most * static_cast<double>(random.between(1, 100)) / 100.0 : 0.0;
  };
  hosts = number(2, random.chance(0.3) ? 4 : 3);
  processes = random.chance(0.4) ? 2 : 1;
  namespaces = random.chance(0.3) ? 2 : 1;
  keys = number(2, 8);
  deeds = number(10, 40);
  incidents = number(0, 7);
  active = Duration(random.between(1'000'000, 5'000'000));
  if (random.chance(0.15)) night = std::chrono::minutes(random.between(5, 240));
  constexpr std::array<std::int64_t, 3> timeouts{1000, 2000, 5000};
  timeout = Milliseconds(random.pick(timeouts));
  network.lost = sometimes(0.3, 0.08);
  network.late = sometimes(0.3, 0.1);
  network.twice = sometimes(0.3, 0.1);
  network.cut = sometimes(0.3, 0.1);
  network.stray = sometimes(0.3, 0.1);
  network.hint_lost = random.chance(0.2) ? 1.0 : sometimes(0.5, 0.6);
  network.slowest = Duration(random.chance(0.2) ? 200'000 : random.between(300, 10'000));
  network.in_order = random.chance(0.6);
  local = sometimes(0.5, 1.0);
  mortal = sometimes(0.4, 0.8);
  clocks = random.chance(0.4);
  disks = random.chance(0.3);
  power = random.chance(0.4);
  losses = random.chance(0.6);
  absence = random.chance(0.08);
  if (power) local = std::max(local, 0.3);
  if (network.stray > 0) network.lost = std::max(network.lost, 0.05);
  if (!absence) return;
  losses = false;  // a record that Redis loses meanwhile may be dropped with what was forgotten
  mortal = 0;
  night = std::chrono::hours(random.between(50, 90));
}

}  // namespace comem::simulation
