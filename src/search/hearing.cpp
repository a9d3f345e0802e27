#include "search/hearing.hpp"

#include <algorithm>
#include <iterator>

#include "search/loudness.hpp"

namespace comem::search {
namespace {

constexpr int reach = Neighbours::reach;

}  // namespace

Saturation::Saturation(float weight_of_term, const Parameters& parameters) noexcept
    : weight(weight_of_term), half_way(static_cast<float>(parameters.k1) * heard_unit) {}

float Hearing::most(const Sought& term) const noexcept {
  return Saturation(term.weight, parameters_)(term.loudest * weights_.all);
}

void Hearing::add(const Sought& term) {
  const Saturation saturation(term.weight, parameters_);
  term.for_each(documents_, [&](const Sought::Heard& heard) {
    const DocumentNumber number = heard.document;
    const bool alone =
        neighbours_.before(number) == Neighbours::none && neighbours_.after(number) == Neighbours::none;
    if (alone || !weights_.neighbours) {
      workspace_.score(number) += saturation(heard.own * full_weight);
      workspace_.touch(number, number);
      return;
    }
    if (!continues(number)) {
      close_stretch(saturation);
      stretch_ = {true, number, number};
    }
    stretch_.last = number;
    scatter(number, heard.loudness);
    workspace_.heard()[number] += (heard.own - heard.loudness) * full_weight;
    if (heard.asked > 0) scatter_question(number, heard.asked);
    if (neighbours_.scattered(number)) scatter_apart(number, heard.loudness);
  });
  close_stretch(saturation);
  settle_apart(saturation);
}

// Whether somebody may stand within reach of both the last entry and this one.
bool Hearing::continues(DocumentNumber number) const noexcept {
  if (!stretch_.open || number - stretch_.last > 2 * reach) return false;
  for (DocumentNumber next = stretch_.last + 1; next <= number; ++next) {
    if (!neighbours_.follows(next)) return false;
  }
  return true;
}

// To all numbers around at once, as if they all were neighbours; close_stretch() knows who is.
void Hearing::scatter(DocumentNumber number, float loudness) noexcept {
  float* const heard = workspace_.heard() + number - reach;
  for (std::size_t i = 0; i < HearingWeights::width; ++i) heard[i] += loudness * weights_.of[i];
}

void Hearing::scatter_question(DocumentNumber number, float asked) {
  const DocumentNumber next = neighbours_.after(number);
  if (next == Neighbours::none || documents_.author(next) == documents_.author(number)) return;
  if (next == number + 1) {
    workspace_.heard()[next] += asked * weights_.answer;
  } else {
    hear_apart(next, asked * weights_.answer);
  }
}

// To those neighbours whose numbers do not follow.
void Hearing::scatter_apart(DocumentNumber number, float loudness) {
  bool follows = true;
  DocumentNumber here = number;
  for (int away = 1; away <= reach; ++away) {
    const DocumentNumber next = neighbours_.before(here);
    if (next == Neighbours::none) break;
    follows = follows && next + 1 == here;
    if (!follows) hear_apart(next, loudness * weights_.at(-away));
    here = next;
  }
  follows = true;
  here = number;
  for (int away = 1; away <= reach; ++away) {
    const DocumentNumber next = neighbours_.after(here);
    if (next == Neighbours::none) break;
    follows = follows && next == here + 1;
    if (!follows) hear_apart(next, loudness * weights_.at(away));
    here = next;
  }
}

void Hearing::hear_apart(DocumentNumber number, float heard) {
  float& so_far = workspace_.apart()[number];
  if (so_far == 0 && heard > 0) workspace_.scattered().push_back(number);
  so_far += heard;
}

void Hearing::close_stretch(const Saturation& saturation) {
  if (!stretch_.open) return;
  stretch_.open = false;
  DocumentNumber first = stretch_.first;
  for (int away = 0; away < reach && neighbours_.follows(first); ++away) --first;
  DocumentNumber last = stretch_.last;
  for (int away = 0; away < reach && last + 1 < documents_.end() && neighbours_.follows(last + 1); ++away)
    ++last;
  float* const heard = workspace_.heard();
  float* const scores = workspace_.scores();
  bool scattered = false;
  for (DocumentNumber number = first; number <= last; ++number) scattered |= neighbours_.scattered(number);
  if (!scattered) {
    for (DocumentNumber number = first; number <= last; ++number) scores[number] += saturation(heard[number]);
  } else {
    for (DocumentNumber number = first; number <= last; ++number) {
      if (neighbours_.scattered(number)) {
        hear_apart(number, heard[number]);
      } else {
        scores[number] += saturation(heard[number]);
      }
    }
  }
  workspace_.touch(first, last);
  const std::size_t width = stretch_.last - stretch_.first + HearingWeights::width;
  std::fill_n(heard + stretch_.first - reach, width, 0.0f);
}

void Hearing::settle_apart(const Saturation& saturation) {
  for (const DocumentNumber number : workspace_.scattered()) {
    float& heard = workspace_.apart()[number];
    workspace_.score(number) += saturation(heard);
    workspace_.touch(number, number);
    heard = 0;
  }
  workspace_.scattered().clear();
}

}  // namespace comem::search
