#pragma once
// Identifiers.

#include <comem/clock.hpp>

#include <string>
#include <string_view>

namespace comem {

inline constexpr std::size_t max_id_bytes = 256;

/// A new id: 12 hex digits of milliseconds and 20 of randomness, so that ids order roughly by age.
/// Thread-safe.
std::string make_id(TimePoint now);
/// 16 random hex digits, for stores and processes. Thread-safe.
std::string make_random_id();
/// An id that every store derives alike from a name: 32 hex digits (FNV-1a, 128 bits).
std::string id_from_name(std::string_view name);

/// Throws Error(invalid_argument) naming `what` unless `id` has 1 to max_id_bytes bytes.
void check_id(std::string_view id, std::string_view what);

}  // namespace comem
