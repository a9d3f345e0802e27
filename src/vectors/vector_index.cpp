#include "vectors/vector_index.hpp"

#include <algorithm>
#include <utility>

#include "vectors/kernel.hpp"

namespace comem::vectors {
namespace {

/// So many are asked of the graph at least: it misses the fewer, the more it looks at.
constexpr std::size_t least_asked = 192;
/// Where it would have to look at more than this share of all, comparing with all is as good, and exact.
constexpr std::size_t most_asked_share = 32;
/// Removed rows are met by every walk through the graph.
constexpr std::size_t most_removed_share = 3;

}  // namespace

void VectorIndex::remove(std::uint32_t number) {
  rows_.remove(number);
  if (!graph_ || drafting_ || size() * dimensions() * 2 >= graph_from_) return;
  graph_.reset();
  rows_.release_places();
}

std::vector<Near> VectorIndex::search(std::span<const float> query, std::size_t limit,
                                      const Admits& admits) const {
  Nearest nearest(limit);
  const bool by_links = graph_ && limit != 0 && by_graph(query, limit, admits, nearest);
  if (!by_links) nearest = Nearest(limit);
  scan(by_links ? taken_in_ : 0, query, admits, nearest);
  return nearest.take();
}

void VectorIndex::scan(std::uint32_t from, std::span<const float> query, const Admits& admits,
                       Nearest& nearest) const {
  for (std::uint32_t place = from; place < rows_.places(); ++place) {
    if (rows_.owner(place) == Rows::nobody) continue;
    const Near one{rows_.owner(place), dot(query.data(), rows_.at(place).data(), dimensions())};
    // The filter is asked last, of the few that would be taken.
    if (!nearest.too_far(one.similarity) && (!admits || admits(one.number))) nearest.offer(one);
  }
}

bool VectorIndex::by_graph(std::span<const float> query, std::size_t limit, const Admits& admits,
                           Nearest& nearest) const {
  for (std::size_t asked = std::max(limit + limit / 2, least_asked);;) {
    if (asked * most_asked_share > graph_->size()) return false;
    const auto places = graph_->near(query, asked);
    nearest = Nearest(limit);
    std::size_t admitted = 0;
    for (const auto place : places) {
      const auto number = rows_.owner(place);
      if (number == Rows::nobody || (admits && !admits(number))) continue;
      ++admitted;
      nearest.offer({number, dot(query.data(), rows_.at(place).data(), dimensions())});
    }
    if (admitted >= limit) return true;
    if (admitted == 0 || places.size() < asked) return false;
    asked = std::max(asked * 2, asked * (limit + limit / 2) / admitted);
  }
}

bool VectorIndex::wants_draft() const noexcept {
  if (drafting_ || !large()) return false;
  return !graph_ || (rows_.places() - rows_.size()) * most_removed_share > rows_.places();
}

std::shared_ptr<VectorIndex::Draft> VectorIndex::begin_draft() {
  graph_.reset();
  rows_.release_places();
  rows_.hold_places();
  drafting_ = true;
  return std::make_shared<Draft>(rows_);
}

bool VectorIndex::extend(Draft& draft) const {
  while (draft.next < rows_.places() && rows_.owner(draft.next) == Rows::nobody) ++draft.next;
  if (draft.next >= rows_.places()) return false;
  draft.graph->add(draft.next++);
  return true;
}

void VectorIndex::adopt(std::shared_ptr<Draft> draft) {
  graph_ = std::move(draft->graph);
  taken_in_ = draft->next;
  drafting_ = false;
}

void VectorIndex::grow() {
  while (graph_ && taken_in_ < rows_.places()) {
    const std::uint32_t place = taken_in_++;
    if (rows_.owner(place) == Rows::nobody) continue;
    graph_->add(place);
    return;
  }
}

}  // namespace comem::vectors
