#pragma once
// JSON texts to trees by simdjson: most of what is read, and memories as they stand in stores.

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace comem::memory {

/// The very tree that nlohmann's parser makes of the text, or nothing where that parser must be asked: for
/// what is no JSON, since it says where, and for numbers and escapes that the two might read differently.
/// `text` must not nest deeper than `max_json_depth`.
std::optional<nlohmann::json> parse_quickly(std::string_view text);

}  // namespace comem::memory
