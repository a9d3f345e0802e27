#include "memory/scoring.hpp"

#include <algorithm>
#include <cmath>

namespace comem::memory {
namespace {

constexpr double day_ms = 24.0 * 3600.0 * 1000.0;
constexpr double full_accesses = 100.0;

/// Also brings what is no number to 0.
double unit(double value) noexcept {
  return value > 0.0 ? std::min(value, 1.0) : 0.0;
}

}  // namespace

double recency(const Memory& memory, TimePoint now) noexcept {
  const TimePoint last = std::max(memory.last_accessed, memory.created_at);
  // In floating point, since the difference of two absurd times would overflow.
  const double age_ms = static_cast<double>(now.time_since_epoch().count()) -
                        static_cast<double>(last.time_since_epoch().count());
  return age_ms <= 0.0 ? 1.0 : std::exp2(-age_ms / day_ms);
}

double utility(const Memory& memory, double success) noexcept {
  const double access = std::log1p(static_cast<double>(memory.access_count)) / std::log1p(full_accesses);
  return 0.4 * unit(access) + 0.3 * unit(memory.importance) + 0.3 * unit(success);
}

double composite(double recency, double relevance, double utility) noexcept {
  return 0.3 * recency + 0.4 * relevance + 0.3 * utility;
}

double success_of(const AnyMemory& memory) noexcept {
  if (const auto* episode = std::get_if<Episode>(&memory)) return episode->success ? 1.0 : 0.0;
  if (const auto* knowledge = std::get_if<Knowledge>(&memory)) return unit(knowledge->effective_confidence());
  return unit(std::get_if<Skill>(&memory)->success_rate());
}

double composite(const AnyMemory& memory, TimePoint now) noexcept {
  const auto& shared = common(memory);
  return composite(recency(shared, now), 0.0, utility(shared, success_of(memory)));
}

}  // namespace comem::memory
