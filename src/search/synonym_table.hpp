#pragma once
// Words that may be said in the place of others; the data alone.

#include <string_view>

namespace comem::search {

/// "kid child|film movie|...": the words of a group mean nearly the same.
std::string_view synonym_groups() noexcept;
/// More of the same.
std::string_view further_synonym_groups() noexcept;
/// "choose choice|france french|...": forms of a word that share no stem; they count as synonyms.
std::string_view word_families() noexcept;
/// "pet animal: dog cat|...": who asks for a word before the colon, as it is written there or its plural, may
/// mean any of those behind it.
std::string_view word_classes() noexcept;

}  // namespace comem::search
