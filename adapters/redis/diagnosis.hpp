#pragma once
// Is this Redis reachable, allowed and fit? What to ask it, and what the answers mean. No I/O.

#include <comem/clock.hpp>
#include <comem/diagnosis.hpp>

#include <string>
#include <vector>

#include "adapters/redis/link.hpp"

namespace comem::redis {

/// The commands of the questions, for a namespace.
Request health_questions(const std::string& prefix);

/// What the answers mean; `round_trip` of one PING, `now` by our clock when the server looked at its own.
std::vector<Finding> health_findings(const Reply& reply, Milliseconds round_trip, TimePoint now,
                                     const std::string& endpoint, const std::string& server_name,
                                     const std::string& server_version, bool resp3);

/// What it means that there is no answer.
std::vector<Finding> unreachable(const std::string& endpoint, const std::string& reason);

}  // namespace comem::redis
