#include "search/string_pool.hpp"

#include <algorithm>
#include <functional>

#include "search/sparing.hpp"

namespace comem::search {

std::string_view StringPool::at(std::uint32_t number) const noexcept {
  const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(characters_).substr(begin, ends_[number] - begin);
}

// Where `text` is, or the free slot where it belongs. slots_ is a power of two long and never full.
std::size_t StringPool::slot_of(std::string_view text) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>()(text) & mask;
  while (slots_[slot] != 0 && at(slots_[slot] - 1) != text) slot = (slot + 1) & mask;
  return slot;
}

std::optional<std::uint32_t> StringPool::find(std::string_view text) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t entry = slots_[slot_of(text)];
  if (entry == 0) return std::nullopt;
  return entry - 1;
}

std::uint32_t StringPool::intern(std::string_view text) {
  if (4 * (ends_.size() + 1) > 3 * slots_.size()) grow();
  const std::size_t slot = slot_of(text);
  if (slots_[slot] == 0) {
    grow_sparingly(characters_, text.size());
    characters_.append(text);
    grow_sparingly(ends_);
    ends_.push_back(characters_.size());
    slots_[slot] = static_cast<std::uint32_t>(ends_.size());
  }
  return slots_[slot] - 1;
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
  slots_.assign(16, 0);
  while (4 * (ends_.size() + 1) > 3 * slots_.size()) slots_.resize(2 * slots_.size());
  for (std::uint32_t number = 0; number < ends_.size(); ++number) slots_[slot_of(at(number))] = number + 1;
  return true;
}

void StringPool::grow() {
  slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), 0);
  for (std::uint32_t number = 0; number < ends_.size(); ++number) slots_[slot_of(at(number))] = number + 1;
}

}  // namespace comem::search
