#pragma once
// The terms of the index, each with its postings.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "search/postings.hpp"
#include "search/string_pool.hpp"

namespace comem::search {

class Lexicon {
 public:
  /// Adds the terms of a text under the next document number; answers how many of its words are no stop
  /// words.
  std::size_t add(DocumentNumber document, std::string_view text);
  /// Null for a term that no document ever had.
  const PostingList* find(std::string_view term) const noexcept;
  /// Drops entries of removed documents, and terms without entries; `renumbered` as DocumentTable::compact()
  /// gives it.
  void compact(const std::vector<DocumentNumber>& renumbered);

  std::size_t size() const noexcept { return terms_.size(); }

 private:
  StringPool terms_;
  std::deque<PostingList> lists_;       // by the number of the term; a deque for want of spare room
  std::vector<std::uint32_t> in_text_;  // storage to reuse
};

}  // namespace comem::search
