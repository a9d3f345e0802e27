#include "search/relatives.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {
namespace {

constexpr std::size_t beginning = 6;
constexpr double common_part = 0.6;
constexpr std::size_t most = 8;
constexpr std::uint32_t none = 0xFFFFFFFF;

// Of other words than those of letters, and of short ones, 0.
std::uint64_t key_of(std::string_view term) noexcept {
  if (term.size() < beginning) return 0;
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term[i] < 'a' || term[i] > 'z') return 0;
    if (i < beginning) key = (key << 8) | static_cast<unsigned char>(term[i]);
  }
  return key;
}

}  // namespace

void Relatives::add(std::string_view term) {
  const auto number = static_cast<std::uint32_t>(before_.size());
  before_.push_back(none);
  const std::uint64_t key = key_of(term);
  if (key == 0) return;
  const auto [place, first] = last_.try_emplace(key, number);
  if (!first) before_[number] = std::exchange(place->second, number);
}

std::vector<std::uint32_t> Relatives::of(std::string_view term, const StringPool& terms) const {
  const std::uint64_t key = key_of(term);
  const auto found = key == 0 ? last_.end() : last_.find(key);
  if (found == last_.end()) return {};
  std::vector<std::pair<std::size_t, std::uint32_t>> alike;
  for (std::uint32_t number = found->second; number != none; number = before_[number]) {
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
