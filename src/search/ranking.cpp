#include "search/ranking.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "search/closeup.hpp"
#include "search/top_k.hpp"

namespace comem::search {
namespace {

// Sums of floats that were made in another order may differ in their last bits.
constexpr float tolerance = 1e-5f;

// Below so many entries to come it is cheaper to read them than to find out whether they are needed.
constexpr std::size_t worth_a_look = 1000;

// To look a document and its neighbours up costs as much as to read so many entries of a term.
constexpr std::size_t dearer_by_itself = 128;

}  // namespace

bool worth_more(const Facts& a, const Facts& b) noexcept {
  if (a.composite != b.composite) return a.composite > b.composite;
  if (a.time != b.time) return a.time > b.time;
  if (a.id != b.id) return a.id < b.id;
  return a.type < b.type;
}

std::vector<Candidate> Ranking::best(const std::vector<Sought>& terms, const Boosts& boosts,
                                     const Filter& filter, std::size_t limit) {
  float to_come = 0;
  std::size_t entries = 0;
  for (const Sought& term : terms) {
    to_come += hearing_.most(term);
    entries += term.entries();
  }
  // So small that no score changes by it, so that they are met even where they have no word of the query.
  constexpr float met = 1e-20f;
  for (const DocumentNumber number : boosts.dated()) {
    workspace_.score(number) = met;
    workspace_.touch(number, number);
  }
  std::vector<DocumentNumber> passing;
  if (filter.narrow() && few_pass(filter, entries / dearer_by_itself, passing)) {
    raise(std::move(passing), terms, 0, to_come, boosts, limit);
  } else {
    read(terms, to_come, entries, boosts, filter, limit);
  }
  auto found = best_so_far(boosts, filter, limit);
  workspace_.clear();
  return found;
}

// The rarest terms come first, since they decide most and cost least. Once what is still to come cannot bring
// a document that was not met yet among the best, the common terms are looked up for those alone that can
// still get there.
void Ranking::read(const std::vector<Sought>& terms, float to_come, std::size_t entries_to_come,
                   const Boosts& boosts, const Filter& filter, std::size_t limit) {
  float behind = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    // With a narrow filter few documents set the bar, and each look at it asks the filter of all.
    if (entries_to_come > worth_a_look && behind > to_come && !filter.narrow()) {
      const auto so_far = best_so_far(boosts, filter, limit);
      const float bar = so_far.size() == limit ? so_far.back().score * (1 - tolerance) : 0;
      std::vector<DocumentNumber> numbers;
      const std::size_t most = terms[i].entries() / dearer_by_itself;
      if (bar > to_come * boosts.most() && still_in_play(bar, to_come, boosts, filter, most, numbers)) {
        raise(std::move(numbers), terms, i, to_come, boosts, limit);
        break;
      }
    }
    hearing_.add(terms[i]);
    const float most = hearing_.most(terms[i]);
    behind += most;
    to_come -= most;
    entries_to_come -= terms[i].entries();
  }
}

bool Ranking::few_pass(const Filter& filter, std::size_t most, std::vector<DocumentNumber>& passing) const {
  for (DocumentNumber number = 0; number < documents_.end() && passing.size() <= most; ++number) {
    if (documents_.holds(number) && filter.passes(documents_.facts(number))) passing.push_back(number);
  }
  return passing.size() <= most;
}

std::vector<Candidate> Ranking::best_so_far(const Boosts& boosts, const Filter& filter,
                                            std::size_t limit) const {
  const auto better = [this](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return worth_more(documents_.facts(a.number), documents_.facts(b.number));
  };
  TopK<Candidate, decltype(better)> top(limit, better);
  float least = 0;  // no score up to this gets in
  workspace_.for_each_score(least, [&](DocumentNumber number, float score) {
    const Candidate candidate{boosts.apply(number, score), number};
    // Few would be kept, so the filter, which looks at more memory, is asked about those only.
    if (!top.would_keep(candidate) || !filter.passes(documents_.facts(number))) return;
    top.offer(candidate);
    if (top.full()) least = boosts.needed_for(top.worst().score) * (1 - tolerance);
  });
  return std::move(top).take();
}

bool Ranking::still_in_play(float bar, float to_come, const Boosts& boosts, const Filter& filter,
                            std::size_t most, std::vector<DocumentNumber>& numbers) const {
  float least = std::max(0.0f, boosts.needed_for(bar) - to_come);
  workspace_.for_each_score(least, [&](DocumentNumber number, float score) {
    if (boosts.apply(number, score + to_come) < bar || !filter.passes(documents_.facts(number))) return;
    numbers.push_back(number);
    if (numbers.size() > most) least = std::numeric_limits<float>::infinity();  // that is enough to know
  });
  return numbers.size() <= most;
}

// With each term fewer of them can still win.
void Ranking::raise(std::vector<DocumentNumber> numbers, const std::vector<Sought>& terms, std::size_t from,
                    float to_come, const Boosts& boosts, std::size_t limit) {
  for (std::size_t i = from; i < terms.size(); ++i) {
    Closeup closeup(numbers, documents_, neighbours_, weights_, workspace_);
    const Saturation saturation(terms[i].weight, parameters_);
    closeup.listen(terms[i], [&](std::size_t k, float, float heard) {
      const DocumentNumber number = closeup.documents()[k];
      workspace_.score(number) += saturation(heard);
      workspace_.touch(number, number);
    });
    to_come -= hearing_.most(terms[i]);
    if (numbers.size() > limit) drop_beaten(numbers, to_come, boosts, limit);
  }
}

void Ranking::drop_beaten(std::vector<DocumentNumber>& numbers, float to_come, const Boosts& boosts,
                          std::size_t limit) const {
  std::vector<float> finals;
  finals.reserve(numbers.size());
  for (const DocumentNumber number : numbers)
    finals.push_back(boosts.apply(number, workspace_.score(number)));
  const auto place = finals.begin() + static_cast<std::ptrdiff_t>(limit - 1);
  std::nth_element(finals.begin(), place, finals.end(), std::greater<>());
  const float bar = *place * (1 - tolerance);
  std::erase_if(numbers, [&](DocumentNumber number) {
    return boosts.apply(number, workspace_.score(number) + std::max(to_come, 0.0f)) < bar;
  });
}

}  // namespace comem::search
