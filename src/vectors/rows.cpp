#include "vectors/rows.hpp"

#include <algorithm>

#include "vectors/kernel.hpp"

namespace comem::vectors {

void Rows::set(std::uint32_t number, std::span<const float> vector) {
  if (held_) remove(number);
  const auto [place, fresh] = places_.try_emplace(number, places());
  if (fresh) {
    owners_.push_back(number);
    if (owners_.size() > blocks_.size() * block_rows)
      blocks_.push_back(std::make_unique<float[]>(block_rows * dimensions_));
  }
  const auto target = row(place->second);
  std::copy(vector.begin(), vector.end(), target.begin());
  normalise(target);
}

void Rows::remove(std::uint32_t number) {
  const auto found = places_.find(number);
  if (found == places_.end()) return;
  const std::uint32_t place = found->second;
  owners_[place] = nobody;
  places_.erase(found);
  if (!held_) vacate(place);
}

/// The last row takes the place, so that there is no gap.
void Rows::vacate(std::uint32_t place) {
  const std::uint32_t last = places() - 1;
  if (place != last) {
    const auto source = at(last);
    std::copy(source.begin(), source.end(), row(place).begin());
    owners_[place] = owners_[last];
    places_[owners_[place]] = place;
  }
  owners_.pop_back();
  if (owners_.size() + block_rows <= (blocks_.size() - 1) * block_rows) blocks_.pop_back();
}

void Rows::release_places() {
  held_ = false;
  for (std::uint32_t place = places(); place-- > 0;)
    if (owners_[place] == nobody) vacate(place);
}

}  // namespace comem::vectors
