#pragma once
// What INFO says. No I/O.

#include <string_view>

namespace comem::redis {

/// The value of a "name:value" line, at most 256 bytes of it; empty when there is none.
std::string_view info_field(std::string_view info, std::string_view name) noexcept;

}  // namespace comem::redis
