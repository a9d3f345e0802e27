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

  /// The query's word, or another one in its place; the loudest in a document counts.
  struct Stand {
    const PostingList* list = nullptr;
    float share = 1;         ///< of its loudness
    bool heard_near = true;  ///< by neighbours too
  };
  struct Heard {
    DocumentNumber document;
    float loudness;  // as neighbours hear it
    float own;       // as the document itself does, which is no less
    float asked;     // of the loudness, in questions
  };

  QueryTerm asked;
  std::vector<std::string> meant;  ///< the terms that stand for it, beside its own
  std::vector<Stand> stands;       ///< at least one
  std::uint32_t documents_with = 0;
  float weight = 0;   ///< idf^p * (k1 + 1)
  float loudest = 0;  ///< no document has it louder

  std::size_t entries() const noexcept;

  /// Calls visit(heard) for each document held that has it, in ascending order.
  template <class Visit>
  void for_each(const DocumentTable& documents, Visit visit) const {
    if (is_plain()) {
      stands.front().list->for_each([&](DocumentNumber number, Occurrences occurrences) {
        if (documents.holds(number)) visit(heard(number, occurrences, documents));
      });
      return;
    }
    for (const Heard& each : merged(documents)) visit(each);
  }

  /// The same for those in `ranges`, which ascend and do not meet.
  template <class Visit>
  void for_each_in(const std::vector<DocumentRange>& ranges, const DocumentTable& documents,
                   Visit visit) const {
    if (is_plain()) {
      stands.front().list->for_each_in(ranges, [&](DocumentNumber number, Occurrences occurrences) {
        if (documents.holds(number)) visit(heard(number, occurrences, documents));
      });
      return;
    }
    for (const Heard& each : merged_in(ranges, documents)) visit(each);
  }

  /// The same for those of `wanted`, which ascend.
  template <class Visit>
  void for_each_of(const std::vector<DocumentNumber>& wanted, const DocumentTable& documents,
                   Visit visit) const {
    if (is_plain()) {
      stands.front().list->for_each_of(wanted, [&](DocumentNumber number, Occurrences occurrences) {
        if (documents.holds(number)) visit(heard(number, occurrences, documents));
      });
      return;
    }
    for (const Heard& each : merged_of(wanted, documents)) visit(each);
  }

 private:
  static Heard heard(DocumentNumber number, Occurrences occurrences,
                     const DocumentTable& documents) noexcept {
    constexpr float sixteenth = 1.0f / one_occurrence;
    const float one = documents.loudness(number);
    const float loudness = sixteenth * static_cast<float>(occurrences.sixteenths) * one;
    return {number, loudness, loudness, static_cast<float>(occurrences.asked) * one};
  }
  bool is_plain() const noexcept { return stands.size() == 1 && stands.front().share == 1; }
  template <class Read>
  std::vector<Heard> merge_all(const DocumentTable& documents, Read read) const;
  std::vector<Heard> merged(const DocumentTable& documents) const;
  std::vector<Heard> merged_in(const std::vector<DocumentRange>& ranges,
                               const DocumentTable& documents) const;
  std::vector<Heard> merged_of(const std::vector<DocumentNumber>& wanted,
                               const DocumentTable& documents) const;
};

}  // namespace comem::search
