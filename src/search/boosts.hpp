#pragma once
// What a document's score is multiplied by, beside the words that it has.

#include <string>
#include <vector>

#include "search/documents.hpp"
#include "search/intent.hpp"

namespace comem::search {

class Boosts {
 public:
  /// All of them must outlive this.
  Boosts(const Intent& intent, const DocumentTable& documents, const Parameters& parameters) noexcept;

  float of(DocumentNumber number) const noexcept;
  /// No document has more.
  float most() const noexcept { return most_; }

  bool said_by_author(DocumentNumber number) const noexcept;
  bool happened_then(DocumentNumber number) const noexcept;
  bool tells_when(DocumentNumber number) const noexcept;

 private:
  const Intent& intent_;
  const DocumentTable& documents_;
  const Parameters& parameters_;
  float most_ = 1;
};

}  // namespace comem::search
