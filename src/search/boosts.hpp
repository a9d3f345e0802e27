#pragma once
// What a document's score becomes beside the words that it has: by whom it was said, and when.

#include <chrono>
#include <cstdint>
#include <vector>

#include "search/blocks.hpp"
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
  /// What a document of the block gets for a score of no more than `score`, at most.
  float most_of(BlockNumber block, float score) const noexcept {
    const float factor = by_author_.empty() || by_author_[block] != 0 ? most_ : least_;
    if (by_block_.empty()) return score * factor;
    const float close = by_block_[block];
    return (score * (1 + static_cast<float>(parameters_.date) * close) +
            static_cast<float>(day_weight_) * close) *
           factor;
  }
  /// The same for the blocks that no date or author of the query speaks for.
  float most_elsewhere(float score) const noexcept { return score * least_; }

  /// Documents on the dates of the query, or near them, ascending.
  const std::vector<DocumentNumber>& dated() const noexcept { return dated_; }
  bool has_dates() const noexcept { return !dated_.empty(); }
  double closeness_of(DocumentNumber number) const noexcept;
  double day_weight() const noexcept { return day_weight_; }

  double factor(DocumentNumber number) const noexcept;
  bool said_by_author(DocumentNumber number) const noexcept;
  bool speaks_to_others(DocumentNumber number) const noexcept;
  bool tells_when(DocumentNumber number) const noexcept;
  bool names_something(DocumentNumber number) const noexcept;
  bool only_asks(DocumentNumber number) const noexcept;

 private:
  void find_dated();
  void note_days();
  void find_author();
  bool any_close(const DocumentTable::Days& days) const noexcept;
  double close_on(std::chrono::sys_days day) const noexcept;

  const Intent& intent_;
  const DocumentTable& documents_;
  const Parameters& parameters_;
  float most_ = 1, least_ = 1;  // the highest factor where the author has spoken, and elsewhere
  double day_weight_ = 0;
  std::vector<DocumentNumber> dated_;
  std::vector<double> by_day_;  // closeness of the days from the first one on; empty where they are too many
  std::vector<std::uint32_t> close_before_;  // how many of the days before each are close, where by_day_ is
  std::vector<float> by_block_;              // of its closest document
  std::vector<std::uint8_t> by_author_;  // by block: whether the author has spoken there; empty: no author
};

}  // namespace comem::search
