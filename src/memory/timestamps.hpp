#pragma once
// Times as ISO 8601 text, and back; no locale, no time zone data.

#include <comem/clock.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace comem::memory {

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what four-digit years can say.
inline constexpr TimePoint earliest_time{Milliseconds{-62'135'596'800'000}};
inline constexpr TimePoint latest_time{Milliseconds{253'402'300'799'999}};

/// "2024-02-29T12:34:56Z", with ".mmm" where the milliseconds are not zero. Times beyond the bounds are
/// clamped.
std::string format_time(TimePoint time);

/// A date, or a date and time ("T" or a space between them, seconds optional) with an optional fraction
/// (digits beyond milliseconds are dropped) and zone ("Z", "+02", "+02:00", "+0200"; none means UTC). Empty
/// for anything else, dates that do not exist and times beyond the bounds included.
std::optional<TimePoint> parse_time(std::string_view text) noexcept;

}  // namespace comem::memory
