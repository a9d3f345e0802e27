#include "search/ranking.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {
namespace {

// Sums of floats that were made in another order may differ in their last bits.
constexpr float tolerance = 1e-5f;

// Below so many entries of a term it is cheaper to read them than to find out whether they are needed.
constexpr std::size_t worth_a_look = 1000;

// While what is to come is more than this part of what was read, hardly anything is beaten yet.
constexpr float early = 0.4f;

// To read a term around one block alone costs as much as to read so many of its entries.
constexpr std::size_t dearer_by_itself = 64;

// How many blocks are looked at first, to know what it takes to be among the best.
std::size_t promising(std::size_t limit) noexcept {
  constexpr std::size_t few = 8;
  return limit + few;
}

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
  Asked asked{terms, boosts, filter, limit, {}, std::vector<float>(terms.size() + 1)};
  for (const Sought& term : terms) asked.saturations.emplace_back(term.weight, parameters_);
  for (std::size_t i = terms.size(); i-- > 0;)
    asked.to_come[i] = asked.to_come[i + 1] + asked.saturations[i](terms[i].loudest * weights_.all);
  workspace_.bounds().reset(documents_.end());
  choose(asked);
  read(asked);
  Top top(limit, Better{&documents_});
  auto& open = workspace_.open();
  std::erase_if(open, [&](BlockNumber block) { return heard_at_most(asked, block) <= 0; });
  const auto is_beaten = [&](BlockNumber block) {
    return top.full() && heard_at_most(asked, block) < beaten_below(top.worst().score);
  };
  put_promising_first(asked, open);
  const std::size_t first = std::min(open.size(), promising(limit));
  for (std::size_t i = 0; i < first; ++i) score(asked, open[i], terms.size(), top);
  open.erase(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(first));
  std::erase_if(open, is_beaten);
  std::sort(open.begin(), open.end(),
            [&](BlockNumber a, BlockNumber b) { return heard_at_most(asked, a) > heard_at_most(asked, b); });
  for (std::size_t i = 0; i < open.size() && !is_beaten(open[i]); ++i)
    score(asked, open[i], terms.size(), top);
  return std::move(top).take();
}

// All blocks, or those that the filter leaves where it leaves few.
void Ranking::choose(const Asked& asked) {
  auto& open = workspace_.open();
  open.clear();
  const BlockNumber blocks = workspace_.bounds().blocks();
  if (asked.filter.narrow()) {
    if (const auto passing = asked.filter.few(documents_, documents_.end() / 4)) {
      for (const DocumentNumber number : *passing) {
        if (open.empty() || open.back() != block_of(number)) open.push_back(block_of(number));
      }
      return;
    }
  }
  for (BlockNumber block = 0; block < blocks; ++block) open.push_back(block);
}

void Ranking::read(const Asked& asked) {
  for (std::size_t i = 0; i < asked.terms.size(); ++i) {
    const float behind = asked.to_come.front() - asked.to_come[i];
    if (asked.terms[i].entries() > worth_a_look && behind * early > asked.to_come[i]) leave_beaten(asked, i);
    read_term(asked.terms[i], i);
  }
}

void Ranking::read_term(const Sought& term, std::size_t i) {
  Entries& entries = workspace_.entries(i);
  if (workspace_.open().size() * dearer_by_itself < term.entries()) {
    entries.read_in(in_play(), term, documents_);
  } else {
    entries.read(term, documents_);
  }
  workspace_.bounds().add(entries, Saturation(term.weight, parameters_), neighbours_, weights_);
}

// The documents of the open blocks and all whom they hear.
std::vector<DocumentRange> Ranking::in_play() const {
  std::vector<DocumentRange> ranges;
  constexpr DocumentNumber reach = Neighbours::reach;
  for (const BlockNumber block : workspace_.open()) {
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

float Ranking::heard_at_most(const Asked& asked, BlockNumber block) const noexcept {
  return asked.boosts.most_of(block, workspace_.bounds().of(block));
}

// As many blocks as will likely hold the best, in front.
void Ranking::put_promising_first(const Asked& asked, std::vector<BlockNumber>& blocks) const {
  const auto middle =
      blocks.begin() + static_cast<std::ptrdiff_t>(std::min(blocks.size(), promising(asked.limit)));
  std::nth_element(blocks.begin(), middle, blocks.end(), [&](BlockNumber a, BlockNumber b) {
    return heard_at_most(asked, a) > heard_at_most(asked, b);
  });
}

// What the best have by the terms read so far they will have at least.
void Ranking::leave_beaten(const Asked& asked, std::size_t read) {
  std::vector<BlockNumber> heard;
  for (const BlockNumber block : workspace_.open()) {
    if (heard_at_most(asked, block) > 0) heard.push_back(block);
  }
  put_promising_first(asked, heard);
  heard.resize(std::min(heard.size(), promising(asked.limit)));
  Top top(asked.limit, Better{&documents_});
  for (const BlockNumber block : heard) score(asked, block, read, top);
  if (!top.full()) return;
  const float bar = beaten_below(top.worst().score);
  std::erase_if(workspace_.open(), [&](BlockNumber block) {
    return asked.boosts.most_of(block, workspace_.bounds().of(block) + asked.to_come[read]) < bar;
  });
}

void Ranking::score(const Asked& asked, BlockNumber block, std::size_t read, Top& top) {
  // So small that no score changes by it, so that documents of the day are met even where they have no word.
  constexpr float met = 1e-20f;
  Hearing::Scores scores{};
  if (asked.boosts.has_dates()) {
    const DocumentNumber first = block * block_size;
    for (DocumentNumber number = first; number < std::min(first + block_size, documents_.end()); ++number) {
      if (documents_.holds(number) && asked.boosts.closeness_of(number) > 0) scores[number - first] = met;
    }
  }
  hearing_.enter(block);
  for (std::size_t i = 0; i < read; ++i) {
    hearing_.add(workspace_.entries(i), asked.saturations[i], scores);
    if (!top.full()) continue;
    const float most =
        *std::max_element(scores.begin(), scores.end()) + asked.to_come[i + 1] - asked.to_come[read];
    if (asked.boosts.most_of(block, most) < beaten_below(top.worst().score)) return;
  }
  offer(asked, block, scores, top);
}

void Ranking::offer(const Asked& asked, BlockNumber block, const Hearing::Scores& scores, Top& top) const {
  for (DocumentNumber i = 0; i < block_size; ++i) {
    if (scores[i] <= 0) continue;
    if (top.full() && asked.boosts.most_of(block, scores[i]) < beaten_below(top.worst().score)) continue;
    const DocumentNumber number = block * block_size + i;
    const Candidate candidate{asked.boosts.apply(number, scores[i]), number};
    // Few would be kept, so the filter, which looks at more memory, is asked about those only.
    if (top.would_keep(candidate) && asked.filter.passes(documents_.facts(number))) top.offer(candidate);
  }
}

}  // namespace comem::search
