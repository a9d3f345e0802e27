#include "search/explaining.hpp"

#include <algorithm>
#include <tuple>

#include "search/closeup.hpp"
#include "search/loudness.hpp"

namespace comem::search {
namespace {

std::vector<DocumentNumber> numbers_of(const std::vector<Candidate>& candidates) {
  std::vector<DocumentNumber> numbers;
  numbers.reserve(candidates.size());
  for (const Candidate& candidate : candidates) numbers.push_back(candidate.number);
  return numbers;
}

// The date of the query as a term beside its words.
void add_date(Explanation& explanation, DocumentNumber number, const Found& found) {
  const double close = found.boosts.closeness_of(number);
  if (close <= 0) return;
  Explanation::Term part;
  part.term = "date";
  part.memories = found.boosts.dated().size();
  part.weight = found.boosts.day_weight();
  part.own = close;
  part.score = part.weight * close / (1 + found.parameters.date * close);  // which is to be multiplied again
  explanation.terms.push_back(std::move(part));
}

void add_boosts(Explanation& explanation, DocumentNumber number, const Found& found) {
  const auto add = [&](bool applies, const char* name, double factor) {
    if (applies && factor != 1) explanation.boosts.emplace_back(name, factor);
  };
  add(found.boosts.said_by_author(number), "author", found.parameters.author);
  const double close = found.boosts.closeness_of(number);
  add(close > 0, "date", 1 + found.parameters.date * close);
  add(found.boosts.tells_when(number), "when", found.parameters.when);
  add(found.boosts.names_something(number), "name", found.parameters.name);
  add(found.boosts.speaks_to_others(number), "addressed", found.parameters.addressed);
  add(found.boosts.only_asks(number), "asks", found.parameters.asks);
}

class Explainer {
 public:
  Explainer(std::vector<Match>& matches, const Found& found)
      : matches_(matches),
        found_(found),
        closeup_(numbers_of(found.candidates), found.documents, found.neighbours, found.weights) {}

  // In the order of the query, whatever that of the ranking was.
  void name_words(bool in_full) {
    for (const QueryTerm& asked : found_.asked) {
      const auto term = std::find_if(found_.terms.begin(), found_.terms.end(),
                                     [&](const Sought& sought) { return sought.asked.term == asked.term; });
      if (term == found_.terms.end()) continue;
      closeup_.listen(*term, [&](std::size_t i, float loudness, float heard) {
        (loudness > 0 ? matches_[i].words : matches_[i].heard).push_back(asked.written);
        if (in_full) add_term(i, *term, loudness, heard);
      });
    }
  }

  void finish() {
    for (std::size_t i = 0; i < matches_.size(); ++i) {
      Explanation& explanation = *matches_[i].explanation;
      add_date(explanation, found_.candidates[i].number, found_);
      add_boosts(explanation, found_.candidates[i].number, found_);
      std::sort(explanation.neighbours.begin(), explanation.neighbours.end(),
                [](const auto& a, const auto& b) { return std::tie(a.away, a.id) < std::tie(b.away, b.id); });
    }
  }

 private:
  void add_term(std::size_t i, const Sought& term, float loudness, float heard) {
    Explanation::Term part;
    part.word = term.asked.written;
    part.term = term.asked.term;
    part.meant = term.meant;
    part.memories = term.documents_with;
    part.weight = static_cast<double>(term.weight);
    part.own = static_cast<double>(loudness / full_loudness);
    part.around = static_cast<double>((heard - loudness * full_weight) / heard_unit);
    part.score = static_cast<double>(Saturation(term.weight, found_.parameters)(heard));
    matches_[i].explanation->terms.push_back(std::move(part));
    for (std::size_t k = 0; k < Closeup::width; ++k) {
      const float from = k == Neighbours::reach ? 0 : closeup_.heard_from(i, k);
      if (from > 0) add_neighbour(i, k, term.asked.written, static_cast<double>(from / heard_unit));
    }
  }

  void add_neighbour(std::size_t i, std::size_t k, const std::string& word, double heard) {
    const Facts& facts = found_.documents.facts(closeup_.around(i, k));
    auto& neighbours = matches_[i].explanation->neighbours;
    auto known = std::find_if(neighbours.begin(), neighbours.end(), [&](const Explanation::Neighbour& other) {
      return other.id == facts.id && other.type == facts.type;
    });
    if (known == neighbours.end()) {
      known = neighbours.emplace(neighbours.end());
      known->id = facts.id;
      known->type = facts.type;
      known->away = static_cast<int>(k) - Neighbours::reach;
    }
    known->words.push_back(word);
    known->heard += heard;
  }

  std::vector<Match>& matches_;
  const Found& found_;
  Closeup closeup_;
};

}  // namespace

void explain(std::vector<Match>& matches, const Found& found, bool in_full) {
  Explainer explainer(matches, found);
  if (in_full) {
    for (Match& match : matches) match.explanation.emplace();
  }
  explainer.name_words(in_full);
  if (in_full) explainer.finish();
}

}  // namespace comem::search
