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
  double least = 1;
  if (intent.when) least *= parameters.when;
  if (intent.name) least *= parameters.name;
  least_ = static_cast<float>(least);
  most_ = static_cast<float>(intent.author ? least * parameters.author : least);
  if (intent.author) find_author();
  if (intent.dates.empty()) return;
  note_days();
  find_dated();
}

void Boosts::find_author() {
  by_author_.resize(blocks_below(documents_.end()));
  documents_.named(*intent_.author).for_each([this](DocumentNumber number, Occurrences) {
    by_author_[block_of(number)] = 1;
  });
}

void Boosts::note_days() {
  constexpr auto most_days = std::chrono::days(100'000);  // a table of more would cost more than it saves
  const auto last = documents_.last_day();
  if (documents_.size() == 0 || last - documents_.first_day() > most_days) return;
  close_before_.push_back(0);
  for (auto day = documents_.first_day(); day <= last; day += std::chrono::days(1)) {
    by_day_.push_back(closeness(day, intent_.dates));
    close_before_.push_back(close_before_.back() + (by_day_.back() > 0 ? 1u : 0u));
  }
}

// Of many documents that follow one another in number the days lie mostly close together.
bool Boosts::any_close(const DocumentTable::Days& days) const noexcept {
  if (by_day_.empty()) return true;
  const auto place = [&](std::chrono::sys_days day) {
    return static_cast<std::size_t>((day - documents_.first_day()).count());
  };
  return close_before_[place(days.last) + 1] > close_before_[place(days.first)];
}

double Boosts::close_on(std::chrono::sys_days day) const noexcept {
  if (by_day_.empty()) return closeness(day, intent_.dates);
  return by_day_[static_cast<std::size_t>((day - documents_.first_day()).count())];
}

void Boosts::find_dated() {
  double sum = 0;
  documents_.for_each_days([&](const DocumentTable::Days& days, DocumentNumber first, DocumentNumber end) {
    if (!any_close(days)) return;
    for (DocumentNumber number = first; number < end; ++number) {
      const double close = close_on(documents_.day(number));
      if (close <= 0 || !documents_.holds(number)) continue;
      dated_.push_back(number);
      sum += close;
    }
  });
  const auto total = static_cast<double>(documents_.size());
  // But where nothing else is asked for, they are what is wanted.
  if (sum > too_many * total && !intent_.terms.empty()) {
    dated_.clear();
    return;
  }
  const double idf = std::pow(std::log1p((total - sum + 0.5) / (sum + 0.5)), parameters_.idf_power);
  day_weight_ = parameters_.on_the_day * idf;
  by_block_.resize(blocks_below(documents_.end()));
  for (const DocumentNumber number : dated_) {
    float& closest = by_block_[block_of(number)];
    closest = std::max(closest, static_cast<float>(close_on(documents_.day(number))));
  }
}

double Boosts::closeness_of(DocumentNumber number) const noexcept {
  return dated_.empty() ? 0 : close_on(documents_.day(number));
}

float Boosts::apply(DocumentNumber number, float score) const noexcept {
  const double close = closeness_of(number);
  const double sum = static_cast<double>(score) * (1 + parameters_.date * close) + day_weight_ * close;
  return static_cast<float>(sum * factor(number));
}

double Boosts::factor(DocumentNumber number) const noexcept {
  double factor = 1;
  if (said_by_author(number)) factor *= parameters_.author;
  if (tells_when(number)) factor *= parameters_.when;
  if (names_something(number)) factor *= parameters_.name;
  if (speaks_to_others(number)) factor *= parameters_.addressed;
  if (only_asks(number)) factor *= parameters_.asks;
  return factor;
}

bool Boosts::said_by_author(DocumentNumber number) const noexcept {
  return intent_.author && documents_.author(number) == *intent_.author;
}

bool Boosts::speaks_to_others(DocumentNumber number) const noexcept {
  return intent_.alone && documents_.traits(number).addresses;
}

bool Boosts::tells_when(DocumentNumber number) const noexcept {
  return intent_.when && documents_.traits(number).tells_time;
}

bool Boosts::names_something(DocumentNumber number) const noexcept {
  return intent_.name && documents_.traits(number).names;
}

// A question without an author may as well be a title.
bool Boosts::only_asks(DocumentNumber number) const noexcept {
  return documents_.traits(number).asks && documents_.author(number) != DocumentTable::no_name();
}

}  // namespace comem::search
