#pragma once
// Forms of English words that no rule of endings brings together: went and go, mice and mouse.

#include <string_view>

namespace comem::search {

/// The base of an irregular form, or `word` itself.
std::string_view base_form(std::string_view word) noexcept;

}  // namespace comem::search
