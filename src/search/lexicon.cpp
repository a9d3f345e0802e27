#include "search/lexicon.hpp"

#include <algorithm>
#include <utility>

#include "search/documents.hpp"
#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

std::size_t Lexicon::add(DocumentNumber document, std::string_view text) {
  in_text_.clear();
  std::size_t length = 0;
  WordReader reader(text);
  std::string term;
  for (Word word; reader.next(word);) {
    if (!term_of(word, term)) ++length;
    in_text_.push_back(terms_.intern(term));
  }
  lists_.resize(terms_.size());
  std::sort(in_text_.begin(), in_text_.end());
  for (auto first = in_text_.begin(); first != in_text_.end();) {
    const auto last = std::upper_bound(first, in_text_.end(), *first);
    lists_[*first].append(document, static_cast<std::uint32_t>(last - first));
    first = last;
  }
  constexpr std::size_t worth_keeping = 4096;
  if (in_text_.capacity() > worth_keeping) std::vector<std::uint32_t>().swap(in_text_);
  return length;
}

const PostingList* Lexicon::find(std::string_view term) const noexcept {
  const auto number = terms_.find(term);
  return number ? &lists_[*number] : nullptr;
}

void Lexicon::compact(const std::vector<DocumentNumber>& renumbered) {
  StringPool terms;
  std::deque<PostingList> lists;
  for (std::uint32_t number = 0; number < lists_.size(); ++number) {
    PostingList kept;
    lists_[number].for_each([&](DocumentNumber document, std::uint32_t count) {
      if (renumbered[document] != DocumentTable::gone) kept.append(renumbered[document], count);
    });
    lists_[number] = PostingList();
    if (kept.size() == 0) continue;
    kept.shrink_to_fit();
    terms.intern(terms_.at(number));
    lists.push_back(std::move(kept));
  }
  terms_ = std::move(terms);
  lists_ = std::move(lists);
}

}  // namespace comem::search
