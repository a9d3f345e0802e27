#include "search/ranking.hpp"

#include <utility>

#include "search/closeup.hpp"
#include "search/top_k.hpp"

namespace comem::search {
namespace {

// Sums of floats that were made in another order may differ in their last bits.
constexpr float tolerance = 1e-5f;

// Below so many entries to come it is cheaper to read them than to find out whether they are needed.
constexpr std::size_t worth_a_look = 1000;

}  // namespace

bool worth_more(const Facts& a, const Facts& b) noexcept {
  if (a.composite != b.composite) return a.composite > b.composite;
  if (a.time != b.time) return a.time > b.time;
  if (a.id != b.id) return a.id < b.id;
  return a.type < b.type;
}

// The rarest terms come first, since they decide most and cost least. Once what is still to come cannot bring
// a document that was not met yet among the best, the common terms are looked up for those alone that can
// still get there.
std::vector<Candidate> Ranking::best(const std::vector<Sought>& terms, const Boosts& boosts,
                                     const Filter& filter, std::size_t limit) {
  float to_come = 0;
  std::size_t entries_to_come = 0;
  for (const Sought& term : terms) {
    to_come += hearing_.most(term);
    entries_to_come += term.entries();
  }
  float behind = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (entries_to_come > worth_a_look && behind > to_come) {
      const auto so_far = best_so_far(boosts, filter, limit);
      const float bar = so_far.size() == limit ? so_far.back().score : 0;
      if (bar * (1 - tolerance) > to_come * boosts.most()) {
        raise(still_in_play(bar * (1 - tolerance), to_come, boosts, filter), terms, i);
        break;
      }
    }
    hearing_.add(terms[i]);
    const float most = hearing_.most(terms[i]);
    behind += most;
    to_come -= most;
    entries_to_come -= terms[i].entries();
  }
  auto found = best_so_far(boosts, filter, limit);
  workspace_.clear();
  return found;
}

std::vector<Candidate> Ranking::best_so_far(const Boosts& boosts, const Filter& filter,
                                            std::size_t limit) const {
  const auto better = [this](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return worth_more(documents_.facts(a.number), documents_.facts(b.number));
  };
  TopK<Candidate, decltype(better)> top(limit, better);
  float least = 0;  // no score up to this gets in, whatever its boosts
  workspace_.for_each_score(least, [&](DocumentNumber number, float score) {
    const Candidate candidate{score * boosts.of(number), number};
    // Few would be kept, so the filter, which looks at more memory, is asked about those only.
    if (!top.would_keep(candidate) || !filter.passes(documents_.facts(number))) return;
    top.offer(candidate);
    if (top.full()) least = top.worst().score / boosts.most() * (1 - tolerance);
  });
  return std::move(top).take();
}

std::vector<DocumentNumber> Ranking::still_in_play(float bar, float to_come, const Boosts& boosts,
                                                   const Filter& filter) const {
  std::vector<DocumentNumber> numbers;
  const float least = bar / boosts.most() - to_come;
  workspace_.for_each_score(least, [&](DocumentNumber number, float score) {
    if ((score + to_come) * boosts.of(number) >= bar && filter.passes(documents_.facts(number)))
      numbers.push_back(number);
  });
  return numbers;
}

void Ranking::raise(std::vector<DocumentNumber> numbers, const std::vector<Sought>& terms, std::size_t from) {
  Closeup closeup(std::move(numbers), documents_, neighbours_, weights_, workspace_);
  for (std::size_t i = from; i < terms.size(); ++i) {
    const Saturation saturation(terms[i].weight, parameters_);
    closeup.listen(terms[i], [&](std::size_t k, float, float heard) {
      workspace_.score(closeup.documents()[k]) += saturation(heard);
    });
  }
}

}  // namespace comem::search
