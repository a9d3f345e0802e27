#pragma once
// How much a memory is worth beside its relevance.

#include <comem/any_memory.hpp>

namespace comem::memory {

/// 1 now, halved with every day since the last access (or, never accessed, since creation).
double recency(const Memory& memory, TimePoint now) noexcept;
/// 0.4 access (logarithmic, 100 accesses = 1) + 0.3 importance + 0.3 success, each 0 to 1.
double utility(const Memory& memory, double success) noexcept;
/// 0.3 recency + 0.4 relevance + 0.3 utility.
double composite(double recency, double relevance, double utility) noexcept;

/// 1 or 0 for an episode, the effective confidence of knowledge, the success rate of a skill.
double success_of(const AnyMemory& memory) noexcept;
/// The composite score of a memory without a query (relevance 0), at `now`.
double composite(const AnyMemory& memory, TimePoint now) noexcept;

}  // namespace comem::memory
