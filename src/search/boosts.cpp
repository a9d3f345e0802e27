#include "search/boosts.hpp"

#include <algorithm>
#include <cmath>

namespace comem::search {
namespace {

// Of dates that most memories are near, nothing is to be learnt.
constexpr double too_many = 0.6;

}  // namespace

Boosts::Boosts(const Intent& intent, const DocumentTable& documents, const Parameters& parameters)
    : intent_(intent), documents_(documents), parameters_(parameters) {
  double most = 1;
  if (intent.author) most *= parameters.author;
  if (intent.when) most *= parameters.when;
  most_ = static_cast<float>(most);
  if (!intent.dates.empty()) find_dated();
}

void Boosts::find_dated() {
  double sum = 0;
  for (DocumentNumber number = 0; number < documents_.end(); ++number) {
    const double close = closeness(documents_.day(number), intent_.dates);
    if (close <= 0 || !documents_.holds(number)) continue;
    dated_.push_back(number);
    sum += close;
  }
  const auto total = static_cast<double>(documents_.size());
  if (sum > too_many * total) {
    dated_.clear();
  } else {
    const double idf = std::pow(std::log1p((total - sum + 0.5) / (sum + 0.5)), parameters_.idf_power);
    day_weight_ = parameters_.on_the_day * idf;
  }
}

double Boosts::closeness_of(DocumentNumber number) const noexcept {
  return dated_.empty() ? 0 : closeness(documents_.day(number), intent_.dates);
}

float Boosts::apply(DocumentNumber number, float score) const noexcept {
  const double close = closeness_of(number);
  const double sum = static_cast<double>(score) * (1 + parameters_.date * close) + day_weight_ * close;
  return static_cast<float>(sum * factor(number));
}

float Boosts::needed_for(float final) const noexcept {
  const float sum = final / most_;
  if (dated_.empty()) return sum;
  return std::max(0.0f, (sum - static_cast<float>(day_weight_)) / static_cast<float>(1 + parameters_.date));
}

double Boosts::factor(DocumentNumber number) const noexcept {
  double factor = 1;
  if (said_by_author(number)) factor *= parameters_.author;
  if (tells_when(number)) factor *= parameters_.when;
  if (speaks_to_others(number)) factor *= parameters_.addressed;
  return factor;
}

bool Boosts::said_by_author(DocumentNumber number) const noexcept {
  return intent_.author && documents_.author(number) == *intent_.author;
}

bool Boosts::speaks_to_others(DocumentNumber number) const noexcept {
  return intent_.named && documents_.traits(number).addresses;
}

bool Boosts::tells_when(DocumentNumber number) const noexcept {
  return intent_.when && documents_.traits(number).tells_time;
}

}  // namespace comem::search
