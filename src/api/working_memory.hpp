#pragma once
// Working memory in the store: the steps of one agent.

#include <comem/step.hpp>

#include <string>
#include <vector>

#include "storage/engine.hpp"

namespace comem {

/// The agent's newest `n` live steps, oldest first.
std::vector<Step> steps_of(storage::ReadTransaction& tx, const std::string& ns, const std::string& agent,
                           TimePoint now, std::size_t n);

/// Removes all but the newest `keep` steps of the agent, and lists what was removed. Tombstones of steps that
/// would never have expired are kept for `tombstone_ttl`.
void drop_steps(storage::WriteTransaction& tx, const std::string& ns, const std::string& agent, TimePoint now,
                std::size_t keep, Milliseconds tombstone_ttl, std::vector<storage::Touched>& touched);

}  // namespace comem
