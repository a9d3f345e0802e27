#pragma once
// A look at a few documents and who stands around them, where search/hearing.hpp looks at all.

#include <array>
#include <cstddef>
#include <vector>

#include "search/documents.hpp"
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
    term.for_each_of(wanted_, table_, [&](DocumentNumber number, float here) { loudness[number] = here; });
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      const float heard = heard_by(i, loudness);
      if (heard > 0) visit(i, loudness[documents_[i]], heard);
    }
    for (const DocumentNumber number : wanted_) loudness[number] = 0;
  }

  /// How loud the term of the listen() under way is heard by document i from place k of its neighbourhood.
  float heard_from(std::size_t i, std::size_t k) const noexcept;

 private:
  float heard_by(std::size_t i, const float* loudness) const noexcept;

  std::vector<DocumentNumber> documents_;
  std::vector<Around> around_;
  std::vector<DocumentNumber> wanted_;  // all of them, ascending
  const DocumentTable& table_;
  const HearingWeights& weights_;
  Workspace& workspace_;
};

}  // namespace comem::search
