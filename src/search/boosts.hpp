#pragma once
// What a document's score becomes beside the words that it has: by whom it was said, and when.

#include <vector>

#include "search/documents.hpp"
#include "search/intent.hpp"

namespace comem::search {

class Boosts {
 public:
  /// All of them must outlive this. O(documents) where the query has a date.
  Boosts(const Intent& intent, const DocumentTable& documents, const Parameters& parameters);

  /// (score * (1 + date * c) + on_the_day * idf * c) * factor(), where c is how close the document is to the
  /// dates of the query, and idf that of their days: so what happened then is found by its date alone too.
  float apply(DocumentNumber number, float score) const noexcept;
  /// A score of less than this becomes less than `final`, whatever the document.
  float needed_for(float final) const noexcept;
  /// No document but the dated() ones gets more than its score times this.
  float most() const noexcept { return most_; }

  /// Documents on the dates of the query, or near them, ascending.
  const std::vector<DocumentNumber>& dated() const noexcept { return dated_; }
  double closeness_of(DocumentNumber number) const noexcept;
  double day_weight() const noexcept { return day_weight_; }

  double factor(DocumentNumber number) const noexcept;
  bool said_by_author(DocumentNumber number) const noexcept;
  bool speaks_to_others(DocumentNumber number) const noexcept;
  bool tells_when(DocumentNumber number) const noexcept;

 private:
  void find_dated();

  const Intent& intent_;
  const DocumentTable& documents_;
  const Parameters& parameters_;
  float most_ = 1;
  double day_weight_ = 0;
  std::vector<DocumentNumber> dated_;
};

}  // namespace comem::search
