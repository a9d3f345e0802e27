#pragma once
// A word of the query, found in the index: its postings, or those of the words that it may have meant, and
// what it weighs.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "search/documents.hpp"
#include "search/lexicon.hpp"
#include "search/query_terms.hpp"

namespace comem::search {

struct Sought {
  Sought() = default;

  /// Another word in the place of the query's; the louder of two in a document counts.
  struct Stand {
    const PostingList* list = nullptr;
    float share = 1;  ///< of its loudness
  };
  struct Heard {
    DocumentNumber document;
    float loudness;
  };

  QueryTerm asked;
  std::vector<std::string> meant;  ///< the terms that stand for it where no document has it itself
  std::vector<Stand> stands;       ///< at least one
  std::uint32_t documents_with = 0;
  float weight = 0;   ///< idf^p * (k1 + 1)
  float loudest = 0;  ///< no document has it louder

  std::size_t entries() const noexcept;

  /// Calls visit(document, loudness) for each document held that has it, in ascending order.
  template <class Visit>
  void for_each(const DocumentTable& documents, Visit visit) const {
    if (is_plain()) {
      stands.front().list->for_each([&](DocumentNumber number, std::uint32_t halves) {
        if (const float one = documents.loudness(number); one > 0)
          visit(number, half * static_cast<float>(halves) * one);
      });
      return;
    }
    for (const Heard& heard : merged(documents)) visit(heard.document, heard.loudness);
  }

  /// The same for those of `wanted`, which ascend.
  template <class Visit>
  void for_each_of(const std::vector<DocumentNumber>& wanted, const DocumentTable& documents,
                   Visit visit) const {
    if (is_plain()) {
      stands.front().list->for_each_of(wanted, [&](DocumentNumber number, std::uint32_t halves) {
        if (const float one = documents.loudness(number); one > 0)
          visit(number, half * static_cast<float>(halves) * one);
      });
      return;
    }
    auto next = wanted.begin();
    for (const Heard& heard : merged(documents)) {
      while (next != wanted.end() && *next < heard.document) ++next;
      if (next != wanted.end() && *next == heard.document) visit(heard.document, heard.loudness);
    }
  }

 private:
  static constexpr float half = 1.0f / one_occurrence;
  bool is_plain() const noexcept { return stands.size() == 1 && stands.front().share == 1; }
  std::vector<Heard> merged(const DocumentTable& documents) const;
};

/// The terms that any document has, or one that looks like it, the rarest first.
std::vector<Sought> seek(const std::vector<QueryTerm>& terms, const Lexicon& lexicon,
                         const DocumentTable& documents, const Parameters& parameters);

}  // namespace comem::search
