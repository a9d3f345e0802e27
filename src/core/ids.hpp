#pragma once
// Identifiers.

#include <comem/clock.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace comem {

inline constexpr std::size_t max_id_bytes = 256;

/// A new id: 12 hex digits of milliseconds and 20 of randomness, so that ids order roughly by age.
/// Thread-safe.
std::string make_id(TimePoint now);
/// 16 random hex digits, for stores and processes. Thread-safe.
std::string make_random_id();
/// While it lives, the ids made on this thread follow from the seed alone: for simulations, which must repeat
/// exactly. Belongs to that thread; at most one lives there.
class SeededIds {
 public:
  explicit SeededIds(std::uint64_t seed) noexcept;
  SeededIds(const SeededIds&) = delete;
  SeededIds& operator=(const SeededIds&) = delete;
  ~SeededIds();

 private:
  std::uint64_t state_;
};

/// An id that every store derives alike from a name: 32 hex digits (FNV-1a, 128 bits).
std::string id_from_name(std::string_view name);

/// Throws Error(invalid_argument) naming `what` unless `id` has 1 to max_id_bytes bytes.
void check_id(std::string_view id, std::string_view what);

}  // namespace comem
