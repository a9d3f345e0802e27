#pragma once
// Which documents answer a query best.

#include <cstddef>
#include <optional>
#include <vector>

#include "search/blocks.hpp"
#include "search/boosts.hpp"
#include "search/documents.hpp"
#include "search/filter.hpp"
#include "search/neighbours.hpp"
#include "search/sought.hpp"
#include "search/top_k.hpp"
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
///
/// Terms are read from the rarest on, and each adds to the scores of all who hear it. Once the best so far
/// have more than all terms to come can give to anybody else, of these terms only what concerns the blocks
/// that can still win is read (after Turtle and Flood, "Query evaluation: strategies and optimizations",
/// 1995).
class Ranking {
 public:
  /// All of them must outlive this. Nobody else uses `workspace` meanwhile.
  Ranking(const DocumentTable& documents, const Neighbours& neighbours, const Parameters& parameters,
          const HearingWeights& weights, Workspace& workspace) noexcept
      : documents_(documents),
        neighbours_(neighbours),
        parameters_(parameters),
        weights_(weights),
        workspace_(workspace) {}

  /// The best `limit` that pass; exactly those that the formula puts first.
  std::vector<Candidate> best(const std::vector<Sought>& terms, const Boosts& boosts, const Filter& filter,
                              std::size_t limit);

 private:
  struct Better {
    const DocumentTable* documents;
    bool operator()(const Candidate& a, const Candidate& b) const noexcept;
  };
  using Top = TopK<Candidate, Better>;
  struct Asked {  // what best() was asked
    const std::vector<Sought>& terms;
    const Boosts& boosts;
    const Filter& filter;
    std::size_t limit;
    std::vector<float> to_come;  // what the terms from each one on give at most; one more at the end
  };

  void choose(const Asked& asked);
  void meet_dated(const Asked& asked);
  void read(const Asked& asked);
  // `read`: how many of the terms have been read.
  void leave_beaten(const Asked& asked, std::size_t read);
  Top best_so_far(const Asked& asked);
  void raise_bar(const Asked& asked);
  float offer(const Asked& asked, BlockNumber block, float bar, Top& top) const;
  std::vector<DocumentRange> in_play() const;

  const DocumentTable& documents_;
  const Neighbours& neighbours_;
  const Parameters& parameters_;
  const HearingWeights& weights_;
  Workspace& workspace_;
  float bar_ = 0;                     // as many as are wanted have this much at least
  std::vector<DocumentNumber> best_;  // when the blocks were last looked at: they set the bar
  bool all_open_ = true;              // else the blocks of workspace_.open, which ascend
};

}  // namespace comem::search
