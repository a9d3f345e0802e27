#include "search/closeup.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {
namespace {

constexpr int centre = Neighbours::reach;
using Around = std::array<DocumentNumber, Closeup::width>;

Around look_around(DocumentNumber number, const Neighbours& neighbours, bool hears_others) {
  Around around;
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
                 const Neighbours& neighbours, const HearingWeights& weights)
    : documents_(std::move(documents)), table_(table), weights_(weights) {
  std::vector<Around> around;
  around.reserve(documents_.size());
  all_.reserve(documents_.size() * width + 1);
  for (const DocumentNumber number : documents_) {
    around.push_back(look_around(number, neighbours, weights.neighbours));
    all_.insert(all_.end(), around.back().begin(), around.back().end());
  }
  all_.push_back(Neighbours::none);
  std::sort(all_.begin(), all_.end());
  all_.erase(std::unique(all_.begin(), all_.end()), all_.end());
  around_.resize(documents_.size());
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    for (std::size_t k = 0; k < width; ++k) {
      const auto place = std::lower_bound(all_.begin(), all_.end(), around[i][k]);
      around_[i][k] = static_cast<std::uint32_t>(place - all_.begin());
    }
  }
}

void Closeup::read(const Sought& term) {
  said_.assign(all_.size(), Said());
  any_ = false;
  std::size_t place = 0;
  term.for_each_of(all_, table_, [&](const Sought::Heard& heard) {
    while (all_[place] < heard.document) ++place;
    said_[place] = {heard.loudness, heard.own, heard.asked};
    any_ = true;
  });
}

}  // namespace comem::search
