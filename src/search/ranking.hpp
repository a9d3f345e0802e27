#pragma once
// BM25: how well documents answer a list of terms. It knows nothing of filters and of what documents are
// worth.

#include <cstddef>
#include <vector>

#include "search/documents.hpp"
#include "search/postings.hpp"

namespace comem::search {

/// The length norm of a text of so many words (stop words not counted): 1 - b + b * max(length, 25) / 25 with
/// b = 0.75. A floor in place of the mean length, so that very short memories win nothing by it, and scores
/// do not move when other documents come and go in size.
float length_norm(std::size_t length) noexcept;

/// The score of every document number, 0 where none of `lists` has it:
/// sum of ln(1 + (N - n + 0.5) / (n + 0.5)) * f * (k1 + 1) / (f + k1 * norm) with k1 = 0.8, over N documents
/// held, n of which have the term, f times in this one. Robertson and Zaragoza, "The Probabilistic Relevance
/// Framework: BM25 and Beyond", 2009; the 1 within the logarithm keeps common terms from counting against a
/// document.
std::vector<float> bm25(const std::vector<const PostingList*>& lists, const DocumentTable& documents);

}  // namespace comem::search
