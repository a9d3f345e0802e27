#pragma once
// SHA-1, which Redis' scripts know too: names of scripts, and hashes that both sides compute. Not for
// secrets.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace comem {

std::array<std::uint8_t, 20> sha1(std::string_view bytes);
/// 40 lower-case hexadecimal digits.
std::string sha1_hex(std::string_view bytes);

}  // namespace comem
