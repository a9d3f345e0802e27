#pragma once
// Text checks.

#include <cstddef>
#include <string>
#include <string_view>

namespace comem {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, surrogates or values above U+10FFFF).
bool is_utf8(std::string_view text) noexcept;

/// Whether it is UTF-8 without NUL of at most `max_bytes`.
bool is_text(std::string_view text, std::size_t max_bytes) noexcept;

/// Throws Error(invalid_argument) naming `what` unless `text` is UTF-8 without NUL of at most `max_bytes`.
void check_text(std::string_view text, std::string_view what, std::size_t max_bytes);

/// `text` cut to at most `max_bytes` without splitting a character.
std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) noexcept;

/// For messages: `text` with control and malformed bytes as \xNN, cut to about 80 bytes.
std::string printable(std::string_view text);

}  // namespace comem
