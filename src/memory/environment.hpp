#pragma once
// Options from environment variables.

#include <comem/options.hpp>

#include <functional>

namespace comem::memory {

/// The value of a variable, or nullptr.
using GetEnvironment = std::function<const char*(const char* name)>;

/// What Options::from_environment() does, with the environment handed in. An empty value counts as not set.
///
/// Backend: MEMORY_BACKEND; where that is not set, redis when REDIS_URL, any of REDIS_HOST, REDIS_PORT and
/// REDIS_DB, or REDIS_ENABLED=true is set. REDIS_ENABLED=false means sqlite whatever else is said. REDIS_URL
/// goes before REDIS_HOST/PORT/DB; REDIS_USERNAME and REDIS_PASSWORD go before those of the URL. Throws
/// Error(invalid_argument) naming the variable, never repeating the value of one that may hold a secret.
Options options_from(const GetEnvironment& get);

}  // namespace comem::memory
