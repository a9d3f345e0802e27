#include "vectors/exact_index.hpp"

#include "vectors/kernel.hpp"
#include "vectors/nearest.hpp"

namespace comem::vectors {

void ExactIndex::set(std::uint32_t number, std::span<const float> vector) {
  const auto [place, fresh] = places_.try_emplace(number, numbers_.size());
  if (fresh) {
    numbers_.push_back(number);
    if (numbers_.size() > blocks_.size() * block_rows)
      blocks_.push_back(std::make_unique<float[]>(block_rows * dimensions_));
  }
  const auto target = row(place->second);
  std::copy(vector.begin(), vector.end(), target.begin());
  normalise(target);
}

void ExactIndex::remove(std::uint32_t number) {
  const auto found = places_.find(number);
  if (found == places_.end()) return;
  const std::size_t place = found->second;
  const std::size_t last = numbers_.size() - 1;
  if (place != last) {
    const auto source = row(last);
    std::copy(source.begin(), source.end(), row(place).begin());
    numbers_[place] = numbers_[last];
    places_[numbers_[place]] = place;
  }
  numbers_.pop_back();
  places_.erase(number);
  if (numbers_.size() + block_rows <= (blocks_.size() - 1) * block_rows) blocks_.pop_back();
}

std::vector<Near> ExactIndex::search(std::span<const float> query, std::size_t limit,
                                     const Admits& admits) const {
  Nearest nearest(limit);
  for (std::size_t place = 0; place < numbers_.size(); ++place) {
    const Near one{numbers_[place], dot(query.data(), row(place).data(), dimensions_)};
    // The filter is asked last, of the few that would be taken.
    if (!nearest.too_far(one.similarity) && (!admits || admits(one.number))) nearest.offer(one);
  }
  return nearest.take();
}

}  // namespace comem::vectors
