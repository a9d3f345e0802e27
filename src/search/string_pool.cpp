#include "search/string_pool.hpp"

#include <algorithm>
#include <functional>

#include "search/sparing.hpp"

namespace comem::search {

std::string_view StringPool::at(std::uint32_t number) const noexcept {
  const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(characters_).substr(begin, ends_[number] - begin);
}

// Where `text` is, or the free slot where it belongs. slots_ is a power of two long and never full, so a
// number leaves the bits above free.
StringPool::Place StringPool::place_of(std::string_view text) const noexcept {
  const auto numbers = static_cast<std::uint32_t>(slots_.size() - 1);
  const std::uint64_t hash = std::hash<std::string_view>()(text);
  Place place{static_cast<std::size_t>(hash & numbers), static_cast<std::uint32_t>(hash >> 32) & ~numbers};
  for (; slots_[place.slot] != 0; place.slot = (place.slot + 1) & numbers) {
    const std::uint32_t entry = slots_[place.slot];
    if ((entry & ~numbers) == place.mark && at((entry & numbers) - 1) == text) break;
  }
  return place;
}

std::optional<std::uint32_t> StringPool::find(std::string_view text) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t entry = slots_[place_of(text).slot];
  if (entry == 0) return std::nullopt;
  return (entry & static_cast<std::uint32_t>(slots_.size() - 1)) - 1;
}

std::uint32_t StringPool::intern(std::string_view text) {
  if (4 * (ends_.size() + 1) > 3 * slots_.size()) fill_slots(std::max<std::size_t>(16, 2 * slots_.size()));
  const Place place = place_of(text);
  std::uint32_t& entry = slots_[place.slot];
  if (entry == 0) {
    grow_sparingly(characters_, text.size());
    characters_.append(text);
    grow_sparingly(ends_);
    ends_.push_back(characters_.size());
    entry = static_cast<std::uint32_t>(ends_.size()) | place.mark;
  }
  return (entry & static_cast<std::uint32_t>(slots_.size() - 1)) - 1;
}

void StringPool::save(ByteWriter& writer) const {
  writer.put(std::string_view(characters_));
  writer.put_all(ends_);
}

bool StringPool::load(ByteReader& reader) {
  characters_ = reader.text();
  ends_ = reader.all<std::size_t>();
  const bool whole = ends_.empty()
                         ? characters_.empty()
                         : std::is_sorted(ends_.begin(), ends_.end()) && ends_.back() == characters_.size();
  if (reader.failed() || !whole) return false;
  std::size_t slots = 16;
  while (4 * (ends_.size() + 1) > 3 * slots) slots *= 2;
  fill_slots(slots);
  return true;
}

void StringPool::fill_slots(std::size_t size) {
  slots_.assign(size, 0);
  for (std::uint32_t number = 0; number < ends_.size(); ++number) {
    const Place place = place_of(at(number));
    slots_[place.slot] = (number + 1) | place.mark;
  }
}

}  // namespace comem::search
