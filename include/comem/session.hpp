#pragma once
// Sessions: stretches of an agent's work, linked to the ones before.

#include <comem/clock.hpp>

#include <string>

namespace comem {

struct Session {
  Session() = default;
  std::string id;
  std::string agent;
  std::string previous;  ///< id of the session it was rotated from; empty for the first
  TimePoint created_at{};
};

}  // namespace comem
