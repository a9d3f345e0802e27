#pragma once
// The terms of the index, each with its postings.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "search/documents.hpp"
#include "search/lead.hpp"
#include "search/parameters.hpp"
#include "search/persons.hpp"
#include "search/postings.hpp"
#include "search/relatives.hpp"
#include "search/spelling.hpp"
#include "search/string_pool.hpp"
#include "search/words.hpp"

namespace comem::search {

/// What was read of a text.
struct TextRead {
  TextRead() = default;
  float loudness = 1;  ///< search/loudness.hpp
  TextTraits traits;
};

class Lexicon {
 public:
  explicit Lexicon(const Parameters& parameters) : parameters_(parameters), lead_(parameters) {}

  /// Adds the terms of a text and its caption under the next document number.
  TextRead add(DocumentNumber document, std::string_view text, std::string_view caption);
  /// Null for a term that no document ever had.
  const PostingList* find(std::string_view term) const noexcept;
  /// Drops entries of removed documents, and terms without entries; `renumbered` as DocumentTable::compact()
  /// gives it.
  void compact(const std::vector<DocumentNumber>& renumbered);

  /// Takes in all entries of `other`, under the numbers that DocumentTable::absorb() gave.
  void absorb(const Lexicon& other, const std::vector<DocumentNumber>& renumbered);

  void save(ByteWriter& writer) const;
  /// Into a new one; false where the bytes are no lexicon.
  bool load(ByteReader& reader);

  std::size_t size() const noexcept { return terms_.size(); }
  const StringPool& terms() const noexcept { return terms_; }
  const Spelling& spelling() const noexcept { return spelling_; }
  const Relatives& relatives() const noexcept { return relatives_; }
  const PostingList& list(std::uint32_t term) const noexcept { return lists_[term]; }

 private:
  struct Occurrence {
    std::uint32_t term, sixteenths, asked;
  };
  std::size_t read_text(std::string_view text, TextTraits& traits);
  std::size_t read_caption(std::string_view caption);
  std::uint32_t number_of(const std::string& term);

  // Most words of a text are among a few thousand: what is known of them is kept at hand, each in a place of
  // its own.
  struct Known {
    std::string word;  // folded; empty: none
    std::uint32_t term = 0;
    bool stops = false, tells_time = false;
    Person person = Person::none;
  };
  const Known& known(const Word& word);

  Parameters parameters_;
  Lead lead_;
  StringPool terms_;
  Spelling spelling_;
  Relatives relatives_;
  std::deque<PostingList> lists_;    // by the number of the term; a deque for want of spare room
  std::vector<Known> known_;         // by the hash of the word
  std::string term_;                 // storage to reuse
  std::vector<Occurrence> in_text_;  // the same
};

}  // namespace comem::search
