#pragma once
// A look at a few documents and who stands around them, where search/hearing.hpp looks at all.

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "search/documents.hpp"
#include "search/loudness.hpp"
#include "search/neighbours.hpp"
#include "search/sought.hpp"
#include "search/weights.hpp"
#include "search/workspace.hpp"

namespace comem::search {

class Closeup {
 public:
  static constexpr std::size_t width = 2 * Neighbours::reach + 1;
  /// One document's neighbourhood, the document itself in the middle; Neighbours::none where nobody stands.
  using Around = std::array<DocumentNumber, width>;

  Closeup(std::vector<DocumentNumber> documents, const DocumentTable& table, const Neighbours& neighbours,
          const HearingWeights& weights, Workspace& workspace);

  const std::vector<DocumentNumber>& documents() const noexcept { return documents_; }
  const Around& around(std::size_t i) const noexcept { return around_[i]; }

  /// Calls visit(i, loudness, heard) for each documents()[i] that hears the term: how loud it has the term
  /// itself, and what it hears in all, as search/hearing.hpp adds it up.
  template <class Visit>
  void listen(const Sought& term, Visit visit) {
    float* const loudness = workspace_.heard();
    float* const asked = workspace_.asked();
    term.for_each_of(wanted_, table_, [&](const Sought::Heard& heard) {
      loudness[heard.document] = heard.loudness;
      asked[heard.document] = heard.asked;
      if (heard.own > heard.loudness) own_only_.push_back({heard.document, heard.own - heard.loudness});
    });
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      float heard = 0;
      for (std::size_t k = 0; k < width; ++k) heard += heard_from(i, k);
      const float own = own_only(documents_[i]);
      heard += own * full_weight;
      if (heard > 0) visit(i, loudness[documents_[i]] + own, heard);
    }
    own_only_.clear();
    for (const DocumentNumber number : wanted_) loudness[number] = asked[number] = 0;
  }

  /// How loud the term of the listen() under way is heard by document i from place k of its neighbourhood.
  float heard_from(std::size_t i, std::size_t k) noexcept;

 private:
  struct OwnOnly {
    DocumentNumber document;
    float loudness;
  };

  // What the document hears of itself and its neighbours do not.
  float own_only(DocumentNumber number) const noexcept {
    const auto found = std::lower_bound(own_only_.begin(), own_only_.end(), number,
                                        [](const OwnOnly& a, DocumentNumber b) { return a.document < b; });
    return found != own_only_.end() && found->document == number ? found->loudness : 0;
  }

  std::vector<DocumentNumber> documents_;
  std::vector<OwnOnly> own_only_;  // ascending; during listen()
  std::vector<Around> around_;
  std::vector<DocumentNumber> wanted_;  // all of them, ascending
  const DocumentTable& table_;
  const HearingWeights& weights_;
  Workspace& workspace_;
};

}  // namespace comem::search
