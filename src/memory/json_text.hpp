#pragma once
// Questions about JSON text, for those who do not need the JSON library.

#include <cstddef>
#include <string_view>

namespace comem::memory {

/// The most that JSON handed in by callers (extra, params) may nest, so that the record around it stays
/// within max_json_depth.
inline constexpr std::size_t max_nested_depth = 56;

enum class JsonKind { none, object, other };

/// What the text is; `none` when it is no JSON, nests deeper than max_nested_depth or has too many values.
JsonKind json_kind(std::string_view text);

}  // namespace comem::memory
