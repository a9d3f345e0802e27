#pragma once
// Adds what one term gives to the scores of documents that have it, or that stand near one that has it.

#include "search/documents.hpp"
#include "search/neighbours.hpp"
#include "search/sought.hpp"
#include "search/weights.hpp"
#include "search/workspace.hpp"

namespace comem::search {

/// What is given for a term that is heard so loud (loudness times weight, summed over the neighbourhood):
/// weight * heard / (heard + k1), BM25's saturation.
struct Saturation {
  Saturation(float weight_of_term, const Parameters& parameters) noexcept;
  float operator()(float heard) const noexcept { return weight * heard / (heard + half_way); }
  float weight, half_way;
};

class Hearing {
 public:
  /// All of them must outlive this.
  Hearing(const DocumentTable& documents, const Neighbours& neighbours, const Parameters& parameters,
          const HearingWeights& weights, Workspace& workspace) noexcept
      : documents_(documents),
        neighbours_(neighbours),
        parameters_(parameters),
        weights_(weights),
        workspace_(workspace) {}

  void add(const Sought& term);
  /// What add() gives to a document at most.
  float most(const Sought& term) const noexcept;

 private:
  // A stretch of neighbours whose numbers follow one another, all within reach of an entry.
  struct Stretch {
    bool open = false;
    DocumentNumber first = 0;  // the first entry
    DocumentNumber last = 0;   // and the last
  };

  bool continues(DocumentNumber number) const noexcept;
  void scatter(DocumentNumber number, float loudness) noexcept;
  void scatter_question(DocumentNumber number, float asked);
  void scatter_apart(DocumentNumber number, float loudness);
  void hear_apart(DocumentNumber number, float heard);
  void close_stretch(const Saturation& saturation);
  void settle_apart(const Saturation& saturation);

  const DocumentTable& documents_;
  const Neighbours& neighbours_;
  const Parameters& parameters_;
  const HearingWeights& weights_;
  Workspace& workspace_;
  Stretch stretch_;
};

}  // namespace comem::search
