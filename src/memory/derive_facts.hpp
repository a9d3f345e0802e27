#pragma once
// Facts that repeated successful use of the same tools supports.

#include <comem/any_memory.hpp>

#include <vector>

namespace comem::memory {

/// One fact for each set of tools that at least `min_repeats` successful episodes used, in the order of their
/// ids. The id derives from the tools, so stores that learn alike agree. Confidence is (successes + 1) /
/// (uses + 2), Laplace's rule of succession. A fact among `known` is answered again only when it has new
/// sources; it keeps its old ones.
std::vector<Knowledge> derive_facts(const std::vector<const Episode*>& episodes, std::size_t min_repeats,
                                    const std::vector<Knowledge>& known);

}  // namespace comem::memory
