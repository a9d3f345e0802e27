#include "search/boosts.hpp"

#include <algorithm>

namespace comem::search {

Boosts::Boosts(const Intent& intent, const DocumentTable& documents, const Parameters& parameters) noexcept
    : intent_(intent), documents_(documents), parameters_(parameters) {
  double most = 1;
  if (intent.author) most *= parameters.author;
  if (!intent.dates.empty()) most *= parameters.date;
  if (intent.when) most *= parameters.when;
  most_ = static_cast<float>(most);
}

bool Boosts::said_by_author(DocumentNumber number) const noexcept {
  return intent_.author && documents_.facts(number).author == *intent_.author;
}

bool Boosts::happened_then(DocumentNumber number) const noexcept {
  if (intent_.dates.empty()) return false;
  const TimePoint time = documents_.facts(number).time;
  return std::any_of(intent_.dates.begin(), intent_.dates.end(),
                     [&](const TimeRange& range) { return range.first <= time && time <= range.last; });
}

bool Boosts::tells_when(DocumentNumber number) const noexcept {
  return intent_.when && documents_.speaks_of_time(number);
}

float Boosts::of(DocumentNumber number) const noexcept {
  double factor = 1;
  if (said_by_author(number)) factor *= parameters_.author;
  if (happened_then(number)) factor *= parameters_.date;
  if (tells_when(number)) factor *= parameters_.when;
  if (documents_.asks(number)) factor *= parameters_.question;
  return static_cast<float>(factor);
}

}  // namespace comem::search
