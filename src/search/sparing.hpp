#pragma once
// Vectors that hold something for each term of a large vocabulary: twice the room, as they grow by
// themselves, would weigh more than much of what is in them.

#include <cstddef>
#include <utility>

namespace comem::search {

/// Makes room for `more`, a quarter more than there was at least; a vector or string.
template <class Container>
void grow_sparingly(Container& container, std::size_t more = 1) {
  constexpr std::size_t few = 64;
  const std::size_t wanted = container.size() + more;
  if (wanted > container.capacity()) container.reserve(wanted + wanted / 4 + few);
}

}  // namespace comem::search
