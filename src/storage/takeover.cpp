#include "storage/takeover.hpp"

#include <algorithm>

namespace comem::storage {

std::uint64_t Takeover::look(std::uint64_t first, std::uint64_t last_change, SteadyTime now) noexcept {
  const bool stuck = first != 0 && first == first_ && now - since_ >= patience;
  const std::uint64_t through = stuck ? std::max(last_, left_behind_) : left_behind_;
  if (first != first_ || stuck) {  // what came behind it meanwhile gets its own time
    first_ = first;
    last_ = last_change;
    since_ = now;
  }
  watching_ = first > through;
  return through;
}

}  // namespace comem::storage
