#include "search/hearing.hpp"

#include <algorithm>
#include <bit>

namespace comem::search {

void Hearing::enter(BlockNumber block) noexcept {
  first_ = block * block_size;
  end_ = std::min(first_ + block_size, documents_.end());
  if (!weights_.neighbours) return;
  low_ = first_ - std::min<DocumentNumber>(first_, reach);
  high_ = std::min<DocumentNumber>(end_ + reach, documents_.end());
  follows_ = 0;
  for (DocumentNumber number = low_ + 1; number < high_; ++number)
    follows_ |= static_cast<std::uint64_t>(neighbours_.follows(number)) << place(number);
  any_scattered_ = false;
  for (DocumentNumber number = first_; number < end_; ++number)
    any_scattered_ |= neighbours_.scattered(number);
}

// Nobody hears anybody.
void Hearing::add_alone(const Entries& entries, const Saturation& saturation, Scores& scores) const noexcept {
  for (const auto* entry = entries.from(first_); entry != entries.end() && entry->document < end_; ++entry)
    scores[entry->document - first_] += saturation(entry->own * full_weight);
}

// The neighbours of a document one by one, wherever they are.
float Hearing::heard_apart(DocumentNumber number, const Entries& entries) const noexcept {
  float heard = 0;
  if (const auto* own = entries.find(number)) heard += own->own * full_weight;
  DocumentNumber other = number;
  for (int away = 1; away <= static_cast<int>(reach); ++away) {
    other = neighbours_.before(other);
    if (other == Neighbours::none) break;
    const auto* entry = entries.find(other);
    if (entry == nullptr) continue;
    heard += entry->loudness * weights_.at(away);
    if (away == 1 && documents_.author(other) != documents_.author(number))
      heard += entry->asked * weights_.answer;
  }
  other = number;
  for (int away = 1; away <= static_cast<int>(reach); ++away) {
    other = neighbours_.after(other);
    if (other == Neighbours::none) break;
    if (const auto* entry = entries.find(other)) heard += entry->loudness * weights_.at(-away);
  }
  return heard;
}

void Hearing::add(const Entries& entries, const Saturation& saturation, Scores& scores) noexcept {
  if (!weights_.neighbours) return add_alone(entries, saturation, scores);
  std::array<float, width> heard{};
  bool any = false;
  for (const auto* entry = entries.from(low_); entry != entries.end() && entry->document < high_; ++entry) {
    any = true;
    const std::size_t p = place(entry->document);
    const auto before = static_cast<std::size_t>(std::countl_one(follows_ << (63 - p)));
    const auto after = static_cast<std::size_t>(std::countr_one(follows_ >> (p + 1)));
    const std::size_t first = p - std::min(before, reach);
    const std::size_t last = p + std::min(after, reach);
    for (std::size_t to = first; to <= last; ++to) heard[to] += entry->loudness * weights_.of[reach + to - p];
    heard[p] += (entry->own - entry->loudness) * full_weight;
    const bool asks = entry->asked > 0 && after > 0 &&
                      documents_.author(entry->document) != documents_.author(entry->document + 1);
    if (asks) heard[p + 1] += entry->asked * weights_.answer;
  }
  if (any_scattered_) {
    for (DocumentNumber number = first_; number < end_; ++number) {
      if (neighbours_.scattered(number)) heard[number - first_ + reach] = heard_apart(number, entries);
    }
  } else if (!any) {
    return;
  }
  for (std::size_t i = 0; i < block_size; ++i) scores[i] += saturation(heard[reach + i]);
}

}  // namespace comem::search
