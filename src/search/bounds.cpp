#include "search/bounds.hpp"

#include <algorithm>

namespace comem::search {
namespace {

constexpr DocumentNumber reach = Neighbours::reach;

}  // namespace

void Bounds::reset(DocumentNumber end) {
  sums_.assign(blocks_below(end), 0);
  louds_.resize(sums_.size());
}

void Bounds::hear(BlockNumber block, float own, float loudest, float around) {
  Loud& loud = louds_[block];
  if (loud.loudest == 0) touched_.push_back(block);
  loud.own = std::max(loud.own, own);
  loud.loudest = std::max(loud.loudest, loudest);
  loud.around += around;
}

// By its neighbours, who stand anywhere.
void Bounds::hear_apart(const Entries::Heard& heard, float around, const Neighbours& neighbours) {
  const BlockNumber here = block_of(heard.document);
  const auto walk = [&](auto next) {
    BlockNumber last = here;
    DocumentNumber other = heard.document;
    for (DocumentNumber away = 1; away <= reach; ++away) {
      other = next(other);
      if (other == Neighbours::none) return;
      const BlockNumber block = block_of(other);
      if (block != here && block != last) hear(block, 0, heard.own, around);
      last = block;
    }
  };
  walk([&](DocumentNumber other) { return neighbours.before(other); });
  walk([&](DocumentNumber other) { return neighbours.after(other); });
}

// A document hears itself in full and every other one as loud as the nearest is heard, at most; and nothing
// louder than if the loudest of all stood everywhere around it.
void Bounds::add(const Entries& entries, const Saturation& saturation, const Neighbours& neighbours,
                 const HearingWeights& weights) {
  const float nearest = weights.nearest();
  for (const Entries::Heard* entry = entries.begin(); entry != entries.end();) {
    const BlockNumber block = block_of(entry->document);
    const DocumentNumber first = block * block_size;
    Loud here, edge_before, edge_after;
    for (; entry != entries.end() && entry->document - first < block_size; ++entry) {
      const float around = entry->own * nearest + entry->asked * weights.answer;
      here.take(entry->own, around);
      if (!weights.neighbours) continue;
      const DocumentNumber place = entry->document - first;
      if (neighbours.scattered(entry->document)) {
        hear_apart(*entry, around, neighbours);
      } else if (place < reach) {
        edge_before.take(entry->own, around);
      } else if (place >= block_size - reach) {
        edge_after.take(entry->own, around);
      }
    }
    hear(block, here.loudest, here.loudest, here.around);
    if (edge_before.loudest > 0 && block > 0) hear(block - 1, 0, edge_before.loudest, edge_before.around);
    if (edge_after.loudest > 0 && block + 1 < blocks())
      hear(block + 1, 0, edge_after.loudest, edge_after.around);
  }
  for (const BlockNumber block : touched_) {
    Loud& loud = louds_[block];
    const float all = loud.own * (full_weight - nearest) + loud.around;
    sums_[block] += saturation(std::min(all, loud.loudest * weights.all));
    loud = Loud();
  }
  touched_.clear();
}

}  // namespace comem::search
