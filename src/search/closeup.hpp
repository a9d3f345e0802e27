#pragma once
// A look at a few documents and who stands around them, where search/tally.hpp hears all.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/documents.hpp"
#include "search/neighbours.hpp"
#include "search/sought.hpp"
#include "search/weights.hpp"

namespace comem::search {

class Closeup {
 public:
  static constexpr std::size_t width = 2 * Neighbours::reach + 1;

  /// All but `documents` must outlive this.
  Closeup(std::vector<DocumentNumber> documents, const DocumentTable& table, const Neighbours& neighbours,
          const HearingWeights& weights);

  const std::vector<DocumentNumber>& documents() const noexcept { return documents_; }
  /// Who stands at place k of document i's neighbourhood, the document itself in the middle; Neighbours::none
  /// where nobody stands.
  DocumentNumber around(std::size_t i, std::size_t k) const noexcept { return all_[around_[i][k]]; }

  /// Calls visit(i, loudness, heard) for each documents()[i] that hears the term: how loud it has the term
  /// itself, and what it hears in all, as search/tally.hpp adds it up.
  template <class Visit>
  void listen(const Sought& term, Visit visit) {
    read(term);
    if (!any_) return;
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      const Said& own = said_[around_[i][Neighbours::reach]];
      float heard = 0;
      for (std::size_t k = 0; k < width; ++k) heard += heard_from(i, k);
      heard += (own.own - own.loudness) * full_weight;
      if (heard > 0) visit(i, own.own, heard);
    }
  }

  /// How loud the term of the listen() under way is heard by document i from place k of its neighbourhood.
  float heard_from(std::size_t i, std::size_t k) const noexcept {
    const Said& said = said_[around_[i][k]];
    if (said.loudness <= 0) return 0;
    const float heard = said.loudness * weights_.at(Neighbours::reach - static_cast<int>(k));
    if (k + 1 != Neighbours::reach || said.asked <= 0) return heard;
    return table_.author(around(i, k)) != table_.author(documents_[i]) ? heard + said.asked * weights_.answer
                                                                       : heard;
  }

 private:
  struct Said {
    float loudness = 0, own = 0, asked = 0;  // as in Sought::Heard
  };
  void read(const Sought& term);

  const std::vector<DocumentNumber> documents_;
  std::vector<DocumentNumber> all_;  // they and their neighbours, ascending; at last none
  std::vector<std::array<std::uint32_t, width>> around_;  // places in all_
  std::vector<Said> said_;                                // by place in all_; the last one is silent
  bool any_ = false;
  const DocumentTable& table_;
  const HearingWeights& weights_;
};

}  // namespace comem::search
