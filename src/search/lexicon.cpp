#include "search/lexicon.hpp"

#include <algorithm>
#include <utility>

#include "search/dates.hpp"
#include "search/documents.hpp"
#include "search/loudness.hpp"
#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

// Answers how many of the words are no stop words.
double Lexicon::read(std::string_view text, std::uint32_t halves, TextTraits& traits) {
  std::size_t counted = 0;
  WordReader reader(text);
  std::string term;
  for (Word word; reader.next(word);) {
    if (!traits.speaks_of_time && is_time_word(word.text)) traits.speaks_of_time = true;
    if (!term_of(word, term, parameters_.stemming)) ++counted;
    const std::uint32_t number = terms_.intern(term);
    if (number == lists_.size()) {
      lists_.emplace_back();
      spelling_.add(term);
    }
    in_text_.push_back({number, halves});
  }
  return static_cast<double>(counted) * halves / one_occurrence;
}

TextTraits Lexicon::add(DocumentNumber document, std::string_view text, std::string_view caption) {
  in_text_.clear();
  TextTraits traits;
  TextTraits of_caption;
  double length = read(text, one_occurrence, traits);
  length += read(caption, 1, of_caption);
  traits.loudness = loudness_at(length, parameters_);
  std::sort(in_text_.begin(), in_text_.end(),
            [](const Occurrence& a, const Occurrence& b) { return a.term < b.term; });
  for (auto first = in_text_.begin(); first != in_text_.end();) {
    std::uint32_t halves = 0;
    auto last = first;
    for (; last != in_text_.end() && last->term == first->term; ++last) halves += last->halves;
    const float loudness = static_cast<float>(halves) / one_occurrence * traits.loudness;
    lists_[first->term].append(document, halves, loudness);
    first = last;
  }
  constexpr std::size_t worth_keeping = 4096;
  if (in_text_.capacity() > worth_keeping) std::vector<Occurrence>().swap(in_text_);
  return traits;
}

const PostingList* Lexicon::find(std::string_view term) const noexcept {
  const auto number = terms_.find(term);
  return number ? &lists_[*number] : nullptr;
}

void Lexicon::compact(const std::vector<DocumentNumber>& renumbered) {
  StringPool terms;
  Spelling spelling;
  std::deque<PostingList> lists;
  for (std::uint32_t number = 0; number < lists_.size(); ++number) {
    PostingList kept;
    const float loudest = lists_[number].loudest();  // of those that stay it may be less; a bound will do
    lists_[number].for_each([&](DocumentNumber document, std::uint32_t halves) {
      if (renumbered[document] != DocumentTable::gone) kept.append(renumbered[document], halves, loudest);
    });
    lists_[number] = PostingList();
    if (kept.size() == 0) continue;
    kept.shrink_to_fit();
    terms.intern(terms_.at(number));
    spelling.add(terms_.at(number));
    lists.push_back(std::move(kept));
  }
  terms_ = std::move(terms);
  spelling_ = std::move(spelling);
  lists_ = std::move(lists);
}

}  // namespace comem::search
