#pragma once
// Until when a write at level shared or replicated waits for the relay.

#include <comem/clock.hpp>

#include <algorithm>

namespace comem::storage {

/// `patience` is meant for the whole call, whose caller cares little whether the disk or the relay was slow.
/// But a relay that is well must not be passed over only because the disk was slow: it has a fifth at least.
inline SteadyTime share_deadline(SteadyTime begun, SteadyTime committed, Milliseconds patience) {
  return std::max(begun + patience, committed + patience / 5);
}

}  // namespace comem::storage
