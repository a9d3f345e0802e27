#pragma once
// What the scripts are made of. Private to scripts.cpp and page_scripts.cpp.

#include <initializer_list>
#include <string_view>

#include "adapters/redis/scripts.hpp"

namespace comem::redis {

/// Names of keys, numbers, epochs. `prefix` is ARGV[1].
extern const std::string_view script_common;
/// Reading a record as the stores read it. Stands after script_common.
extern const std::string_view script_reading;

/// Joins the parts and puts the limits of this library into them.
Script make_script(std::initializer_list<std::string_view> parts);

}  // namespace comem::redis
