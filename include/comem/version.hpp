#pragma once
// The version of a record: a hybrid logical clock value, totally ordered over all stores.

#include <compare>
#include <cstdint>
#include <string>

namespace comem {

/// (ms, counter, store): ms is the wall clock or, where that did not advance, the previous ms with counter
/// + 1. The highest version of a record wins everywhere. Source: Kulkarni et al., "Logical Physical Clocks"
/// (2014).
struct Version {
  std::int64_t ms = 0;        ///< milliseconds since 1970 UTC
  std::uint32_t counter = 0;  ///< order within one ms
  std::string store;          ///< id of the store that wrote it

  friend auto operator<=>(const Version&, const Version&) = default;
  friend bool operator==(const Version&, const Version&) = default;

  /// True for the version of a record that was never written.
  bool empty() const noexcept { return ms == 0 && counter == 0 && store.empty(); }
};

}  // namespace comem
