#pragma once
// What diagnose() finds.

#include <string>

namespace comem {

struct Finding {
  Finding() = default;
  enum class Severity { ok, warning, error } severity = Severity::ok;
  enum class Side { store, redis } side = Side::store;  ///< where it was found
  std::string subject;                                  ///< database, redis, policy, versions, clock, ...
  std::string text;                                     ///< what was found
  std::string remedy;                                   ///< what to do about it; empty for ok
};

}  // namespace comem
