#include "search/ranking.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {
namespace {

// Sums of floats that were made in another order may differ in their last bits.
constexpr float tolerance = 1e-5f;

// Below so many entries of a term it is cheaper to read them than to find out whether they are needed.
constexpr std::size_t worth_a_look = 200;

// While what is to come is more than this part of what was read, hardly anything is beaten yet.
constexpr float early = 0.35f;

// To read a term around one block alone costs as much as to read so many of its entries.
constexpr std::size_t dearer_by_itself = 16;

float beaten_below(float bar) noexcept {
  return bar * (1 - tolerance);
}

}  // namespace

bool worth_more(const Facts& a, const Facts& b) noexcept {
  if (a.composite != b.composite) return a.composite > b.composite;
  if (a.time != b.time) return a.time > b.time;
  if (a.id != b.id) return a.id < b.id;
  return a.type < b.type;
}

bool Ranking::Better::operator()(const Candidate& a, const Candidate& b) const noexcept {
  if (a.score != b.score) return a.score > b.score;
  return worth_more(documents->facts(a.number), documents->facts(b.number));
}

std::vector<Candidate> Ranking::best(const std::vector<Sought>& terms, const Boosts& boosts,
                                     const Filter& filter, std::size_t limit) {
  Asked asked{terms, boosts, filter, limit, std::vector<float>(terms.size() + 1)};
  for (std::size_t i = terms.size(); i-- > 0;) {
    const Saturation saturation(terms[i].weight, parameters_);
    asked.to_come[i] = asked.to_come[i + 1] + saturation(terms[i].loudest * weights_.all);
  }
  workspace_.tally.begin(documents_.end());
  choose(asked);
  meet_dated(asked);
  read(asked);
  return best_so_far(asked).take();
}

// All blocks, or those that the filter leaves where it leaves few.
void Ranking::choose(const Asked& asked) {
  workspace_.open.clear();
  if (!asked.filter.narrow()) return;
  const auto passing = asked.filter.few(documents_, documents_.end() / 4);
  if (!passing) return;
  all_open_ = false;
  for (const DocumentNumber number : *passing) {
    if (workspace_.open.empty() || workspace_.open.back() != block_of(number))
      workspace_.open.push_back(block_of(number));
  }
}

// Documents of the day are found even where they have no word.
void Ranking::meet_dated(const Asked& asked) {
  for (const DocumentNumber number : asked.boosts.dated()) workspace_.tally.meet(number);
}

void Ranking::read(const Asked& asked) {
  for (std::size_t i = 0; i < asked.terms.size(); ++i) {
    const Sought& term = asked.terms[i];
    const Saturation saturation(term.weight, parameters_);
    const std::size_t entries = term.entries();
    const float behind = asked.to_come.front() - asked.to_come[i];
    if (entries > worth_a_look && behind * early > asked.to_come[i]) leave_beaten(asked, i);
    if (!all_open_ && workspace_.open.size() * dearer_by_itself < entries) {
      workspace_.tally.add_in(in_play(), term, saturation, documents_, neighbours_, weights_);
    } else {
      workspace_.tally.add(term, saturation, documents_, neighbours_, weights_);
    }
  }
}

// The documents of the open blocks and all whom they hear.
std::vector<DocumentRange> Ranking::in_play() const {
  std::vector<DocumentRange> ranges;
  constexpr DocumentNumber reach = Neighbours::reach;
  for (const BlockNumber block : workspace_.open) {
    const DocumentNumber first = block * block_size;
    const DocumentNumber last = std::min(first + block_size, documents_.end()) - 1;
    ranges.push_back({first - std::min(first, reach), last + reach});
    for (DocumentNumber number = first; number <= last; ++number) {
      if (!neighbours_.scattered(number)) continue;
      DocumentNumber other = number;
      for (DocumentNumber i = 0; i < reach && (other = neighbours_.before(other)) != Neighbours::none; ++i)
        ranges.push_back({other, other});
      other = number;
      for (DocumentNumber i = 0; i < reach && (other = neighbours_.after(other)) != Neighbours::none; ++i)
        ranges.push_back({other, other});
    }
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (const DocumentRange& range : ranges) {
    if (kept > 0 && range.first <= ranges[kept - 1].last) {
      ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
  return ranges;
}

// What the best have by the terms read so far they will have at least.
void Ranking::leave_beaten(const Asked& asked, std::size_t read) {
  const Top top = best_so_far(asked);
  if (!top.full()) return;
  bar_ = beaten_below(top.worst().score);
  best_.clear();
  for (const Candidate& candidate : top.kept()) best_.push_back(candidate.number);
  const float more = asked.to_come[read];
  const auto beaten = [&](BlockNumber block) {
    return asked.boosts.most_of(block, workspace_.tally.most(block) + more) < bar_;
  };
  if (!all_open_) {
    std::erase_if(workspace_.open, beaten);
    return;
  }
  if (asked.boosts.most_elsewhere(more) >= bar_) return;  // too early: even who has heard nothing can win
  for (BlockNumber block = 0; block < blocks_below(documents_.end()); ++block) {
    if (!beaten(block)) workspace_.open.push_back(block);
  }
  all_open_ = false;
}

// Who was best some terms ago has even more by now, and most others are below that without a further look.
void Ranking::raise_bar(const Asked& asked) {
  if (best_.empty()) return;
  const auto score = [&](DocumentNumber number) {
    return asked.boosts.apply(number, workspace_.tally.score(number));
  };
  float least = score(best_.front());
  for (const DocumentNumber number : best_) least = std::min(least, score(number));
  bar_ = std::max(bar_, beaten_below(least));
}

Ranking::Top Ranking::best_so_far(const Asked& asked) {
  raise_bar(asked);
  Top top(asked.limit, Better{&documents_});
  float bar = bar_;
  for (const BlockNumber block : all_open_ ? workspace_.tally.heard() : workspace_.open) {
    const float most = workspace_.tally.most(block);
    if (most > 0 && asked.boosts.most_of(block, most) >= bar) bar = offer(asked, block, bar, top);
  }
  return top;
}

// Answers the bar for those to come.
float Ranking::offer(const Asked& asked, BlockNumber block, float bar, Top& top) const {
  for (DocumentNumber number = block * block_size; number < (block + 1) * block_size; ++number) {
    const float score = workspace_.tally.score(number);
    if (score <= 0 || asked.boosts.most_of(block, score) < bar) continue;
    const Candidate candidate{asked.boosts.apply(number, score), number};
    // Few would be kept, so the filter, which looks at more memory, is asked about those only.
    if (!top.would_keep(candidate) || !asked.filter.passes(documents_.facts(number))) continue;
    top.offer(candidate);
    if (top.full()) bar = std::max(bar, beaten_below(top.worst().score));
  }
  return bar;
}

}  // namespace comem::search
