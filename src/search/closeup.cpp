#include "search/closeup.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {
namespace {

constexpr int centre = Neighbours::reach;

Closeup::Around look_around(DocumentNumber number, const Neighbours& neighbours, bool hears_others) {
  Closeup::Around around;
  around.fill(Neighbours::none);
  around[centre] = number;
  if (!hears_others) return around;
  DocumentNumber here = number;
  for (std::size_t k = centre; k-- > 0 && here != Neighbours::none;)
    around[k] = here = neighbours.before(here);
  here = number;
  for (std::size_t k = centre + 1; k < Closeup::width && here != Neighbours::none; ++k)
    around[k] = here = neighbours.after(here);
  return around;
}

}  // namespace

Closeup::Closeup(std::vector<DocumentNumber> documents, const DocumentTable& table,
                 const Neighbours& neighbours, const HearingWeights& weights, Workspace& workspace)
    : documents_(std::move(documents)), table_(table), weights_(weights), workspace_(workspace) {
  around_.reserve(documents_.size());
  for (const DocumentNumber number : documents_) {
    around_.push_back(look_around(number, neighbours, weights.neighbours));
    for (const DocumentNumber other : around_.back()) {
      if (other != Neighbours::none) wanted_.push_back(other);
    }
  }
  std::sort(wanted_.begin(), wanted_.end());
  wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
}

float Closeup::heard_from(std::size_t i, std::size_t k) noexcept {
  const DocumentNumber other = around_[i][k];
  if (other == Neighbours::none) return 0;
  const float heard = workspace_.heard()[other] * weights_.at(centre - static_cast<int>(k));
  const bool answers = k + 1 == centre && table_.author(other) != table_.author(documents_[i]);
  return answers ? heard + workspace_.asked()[other] * weights_.answer : heard;
}

}  // namespace comem::search
