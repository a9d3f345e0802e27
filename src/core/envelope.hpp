#pragma once
// The bytes of a value: a flag (0x00 plain, 0x01 zlib), then UTF-8 JSON. Both stores keep these bytes.

#include <cstddef>
#include <string>
#include <string_view>

namespace comem {

inline constexpr std::size_t max_value_bytes = 8u << 20;    ///< of the JSON
inline constexpr std::size_t max_compression_ratio = 1100;  ///< zlib itself reaches at most about 1,032
inline constexpr std::size_t max_json_depth = 64;

/// Compresses JSON longer than `threshold` bytes when that makes it smaller. Throws Error(limit_exceeded).
std::string wrap_value(std::string_view json, std::size_t threshold);

/// The JSON within. Throws Error(corrupt) for an empty value, an unknown flag or broken zlib data, and
/// Error(limit_exceeded) for what unpacks to more than max_value_bytes; never allocates much more than that.
std::string unwrap_value(std::string_view bytes);

}  // namespace comem
