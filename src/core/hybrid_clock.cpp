#include "core/hybrid_clock.hpp"

#include <algorithm>
#include <limits>

namespace comem {

Version next_version(TimePoint now, const Version& previous, const Version& seen, const std::string& store) {
  const auto& latest = std::max(previous, seen);
  Version next{now.time_since_epoch().count(), 0, store};
  if (next.ms > latest.ms) return next;
  next.ms = latest.ms;
  next.counter = latest.counter;
  if (next.counter < std::numeric_limits<std::uint32_t>::max()) {
    ++next.counter;
  } else if (next.ms < std::numeric_limits<std::int64_t>::max()) {
    ++next.ms;
    next.counter = 0;
  }  // else a forged version has used up all of time; only the store id orders what follows
  return next;
}

}  // namespace comem
