#pragma once
// Which documents answer a query best.

#include <cstddef>
#include <vector>

#include "search/boosts.hpp"
#include "search/documents.hpp"
#include "search/filter.hpp"
#include "search/hearing.hpp"
#include "search/neighbours.hpp"
#include "search/sought.hpp"
#include "search/weights.hpp"
#include "search/workspace.hpp"

namespace comem::search {

struct Candidate {
  float score = 0;
  DocumentNumber number = 0;
};

/// Composite score, then newer, then smaller id; the type makes it total.
bool worth_more(const Facts& a, const Facts& b) noexcept;

/// A document's score is the sum over the query's terms of
///   ln(1 + (N - n + 0.5) / (n + 0.5))^p * (k1 + 1) * f / (f + k1)
/// for N documents held, n of which have the term, times its boosts. f is the term's frequency in the
/// document and, more faintly, in its neighbours, each divided by its own length norm. Robertson and
/// Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the 1 within the logarithm keeps
/// common terms from counting against a document.
class Ranking {
 public:
  /// All of them must outlive this. `workspace` has no scores, and has none again afterwards.
  Ranking(const DocumentTable& documents, const Neighbours& neighbours, const Parameters& parameters,
          const HearingWeights& weights, Workspace& workspace) noexcept
      : documents_(documents),
        neighbours_(neighbours),
        parameters_(parameters),
        weights_(weights),
        workspace_(workspace),
        hearing_(documents, neighbours, parameters, weights, workspace) {}

  /// The best `limit` that pass; exactly those that the formula puts first.
  std::vector<Candidate> best(const std::vector<Sought>& terms, const Boosts& boosts, const Filter& filter,
                              std::size_t limit);

 private:
  std::vector<Candidate> best_so_far(const Boosts& boosts, const Filter& filter, std::size_t limit) const;
  void read(const std::vector<Sought>& terms, float to_come, std::size_t entries_to_come,
            const Boosts& boosts, const Filter& filter, std::size_t limit);
  // Appends those that pass; false once they are more than `most`.
  bool few_pass(const Filter& filter, std::size_t most, std::vector<DocumentNumber>& passing) const;
  // Appends those that can still get to the bar; false once they are more than `most`.
  bool still_in_play(float bar, float to_come, const Boosts& boosts, const Filter& filter, std::size_t most,
                     std::vector<DocumentNumber>& numbers) const;
  void raise(std::vector<DocumentNumber> numbers, const std::vector<Sought>& terms, std::size_t from,
             float to_come, const Boosts& boosts, std::size_t limit);
  void drop_beaten(std::vector<DocumentNumber>& numbers, float to_come, const Boosts& boosts,
                   std::size_t limit) const;

  const DocumentTable& documents_;
  const Neighbours& neighbours_;
  const Parameters& parameters_;
  const HearingWeights& weights_;
  Workspace& workspace_;
  Hearing hearing_;
};

}  // namespace comem::search
