#include "search/relatives.hpp"

#include <algorithm>
#include <utility>

#include "search/sparing.hpp"

namespace comem::search {
namespace {

constexpr std::size_t beginning = 6;
constexpr double common_part = 0.6;
constexpr std::size_t most = 8;
constexpr std::uint32_t none = 0xFFFFFFFF;

// The first six letters as one number; 0 of other words than those of letters, and of short ones.
std::uint32_t letters_of(std::string_view term) noexcept {
  constexpr std::uint32_t alphabet = 26;  // to the sixth power fits
  if (term.size() < beginning) return 0;
  std::uint32_t letters = 0;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term[i] < 'a' || term[i] > 'z') return 0;
    if (i < beginning) letters = letters * alphabet + static_cast<std::uint32_t>(term[i] - 'a');
  }
  return letters + 1;
}

}  // namespace

// Where they are, or the free slot where they belong. Never full.
std::size_t Relatives::place_of(std::uint32_t letters) const noexcept {
  constexpr std::uint32_t spread = 0x9E3779B1;  // Fibonacci hashing
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = (letters * spread >> 7) & mask;
  while (slots_[slot].letters != 0 && slots_[slot].letters != letters) slot = (slot + 1) & mask;
  return slot;
}

void Relatives::grow() {
  constexpr std::size_t few = 16;
  const auto old = std::exchange(slots_, std::vector<Slot>(std::max(few, 2 * slots_.size())));
  for (const Slot& slot : old) {
    if (slot.letters != 0) slots_[place_of(slot.letters)] = slot;
  }
}

void Relatives::add(std::string_view term) {
  const auto number = static_cast<std::uint32_t>(before_.size());
  grow_sparingly(before_);
  before_.push_back(none);
  const std::uint32_t letters = letters_of(term);
  if (letters == 0) return;
  if (4 * (taken_ + 1) > 3 * slots_.size()) grow();
  Slot* const slot = &slots_[place_of(letters)];
  if (slot->letters != 0) {
    before_[number] = slot->last;
  } else {
    slot->letters = letters;
    ++taken_;
  }
  slot->last = number;
}

std::vector<std::uint32_t> Relatives::of(std::string_view term, const StringPool& terms) const {
  const std::uint32_t letters = letters_of(term);
  if (letters == 0 || slots_.empty()) return {};
  const Slot& slot = slots_[place_of(letters)];
  if (slot.letters == 0) return {};
  std::vector<std::pair<std::size_t, std::uint32_t>> alike;
  for (std::uint32_t number = slot.last; number != none; number = before_[number]) {
    const std::string_view other = terms.at(number);
    if (other == term) continue;
    const auto end = std::mismatch(term.begin(), term.end(), other.begin(), other.end()).first;
    const auto common = static_cast<std::size_t>(end - term.begin());
    if (static_cast<double>(common) >= common_part * static_cast<double>(std::max(term.size(), other.size())))
      alike.emplace_back(common, number);
  }
  std::sort(alike.begin(), alike.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : terms.at(a.second) < terms.at(b.second);
  });
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < std::min(most, alike.size()); ++i) numbers.push_back(alike[i].second);
  return numbers;
}

}  // namespace comem::search
