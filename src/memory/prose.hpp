#pragma once
// Small tools for texts that people and models read.

#include <string>
#include <string_view>
#include <vector>

namespace comem::memory {

/// `text` on one line (runs of white space become one space), cut to at most `max_bytes` with "..." at the
/// end.
std::string one_line(std::string_view text, std::size_t max_bytes);

/// The names joined by commas, then "and N more" where there are more.
std::string listed(const std::vector<std::string>& names, std::size_t more = 0);

/// `text` cut to at most `max_bytes`, whole characters, with "..." at the end where that has room.
std::string cut_with_dots(std::string_view text, std::size_t max_bytes);

/// The first whole sentences of a text on one line that fit into `max_bytes`; empty where not even the first
/// does. A sentence ends with a mark (of Latin, Arabic, Indic and CJK scripts), or before " | ", which parts
/// summaries.
std::string_view whole_sentences(std::string_view text, std::size_t max_bytes) noexcept;

/// The first sentence of such a text, or all of it.
std::string_view leading_sentence(std::string_view text) noexcept;

/// As cut_with_dots(), behind a whole word where there is one.
std::string cut_at_word(std::string_view text, std::size_t max_bytes);

}  // namespace comem::memory
