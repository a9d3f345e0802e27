#pragma once
// Text from outside made fit for the store.

#include <string>
#include <string_view>

namespace comem::cli {

/// UTF-8 without NUL: broken bytes become U+FFFD, NUL a space; cut to at most `max_bytes` between characters.
std::string clean_text(std::string_view text, std::size_t max_bytes);

/// Whether nothing of it can be read: empty, or white space and control characters only.
bool is_blank(std::string_view text) noexcept;

}  // namespace comem::cli
