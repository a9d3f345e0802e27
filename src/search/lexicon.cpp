#include "search/lexicon.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "search/dates.hpp"
#include "search/documents.hpp"
#include "search/loudness.hpp"
#include "search/naming.hpp"
#include "search/questions.hpp"
#include "search/terms.hpp"
#include "search/word_reader.hpp"

namespace comem::search {

std::uint32_t Lexicon::number_of(const std::string& term) {
  const std::uint32_t number = terms_.intern(term);
  if (number == lists_.size()) {
    lists_.emplace_back();
    spelling_.add(term);
    relatives_.add(term);
  }
  return number;
}

const Lexicon::Known& Lexicon::known(const Word& word) {
  constexpr std::size_t fewest = 1024, most = 16384;
  if (const auto wanted = std::clamp(std::bit_ceil(terms_.size()), fewest, most); known_.size() < wanted)
    known_ = std::vector<Known>(wanted);
  Known& place = known_[std::hash<std::string_view>()(word.text) & (known_.size() - 1)];
  if (place.word != word.text) {
    place.stops = term_of(word, term_, parameters_.stemming);
    place.term = number_of(term_);
    place.tells_time = !place.stops && is_time_word(word.text);
    place.person = person_of(word.text);
    place.word = word.text;
  }
  return place;
}

// Answers how many of the words are no stop words.
std::size_t Lexicon::read_text(std::string_view text, TextTraits& traits) {
  std::size_t counted = 0;
  std::size_t place = 0;
  bool states = false;
  Questions questions(text);
  Persons persons;
  WordReader reader(text);
  for (Word word; reader.next(word); ++place) {
    const Known& found = known(word);
    if (!found.stops) ++counted;
    traits.tells_time = traits.tells_time || found.tells_time;
    persons.take(found.person);
    traits.names = traits.names || looks_like_name(text, word);
    __builtin_prefetch(&lists_[found.term]);  // add() needs one list after the other
    const bool asked = questions.has(word);
    states = states || !asked;
    in_text_.push_back({found.term, lead_.at(place), asked ? 1u : 0u});
  }
  traits.addresses = persons.second_only();
  traits.asks = place > 0 && !states;
  return counted;
}

std::size_t Lexicon::read_caption(std::string_view caption) {
  std::size_t counted = 0;
  WordReader reader(caption);
  for (Word word; reader.next(word);) {
    const Known& found = known(word);
    if (!found.stops) ++counted;
    in_text_.push_back({found.term, one_occurrence / 2, 0});
  }
  return counted;
}

TextRead Lexicon::add(DocumentNumber document, std::string_view text, std::string_view caption) {
  in_text_.clear();
  TextRead result;
  auto length = static_cast<double>(read_text(text, result.traits));
  length += static_cast<double>(read_caption(caption)) / 2;
  result.loudness = loudness_at(length, parameters_);
  std::sort(in_text_.begin(), in_text_.end(),
            [](const Occurrence& a, const Occurrence& b) { return a.term < b.term; });
  for (const Occurrence& one : in_text_) lists_[one.term].prefetch_end();
  for (auto first = in_text_.begin(); first != in_text_.end();) {
    Occurrences all{0, 0};
    auto last = first;
    for (; last != in_text_.end() && last->term == first->term; ++last) {
      all.sixteenths += last->sixteenths;
      all.asked += last->asked;
    }
    const float loudness = static_cast<float>(all.sixteenths) / one_occurrence * result.loudness;
    lists_[first->term].append(document, all, loudness);
    first = last;
  }
  constexpr std::size_t worth_keeping = 4096;
  if (in_text_.capacity() > worth_keeping) std::vector<Occurrence>().swap(in_text_);
  return result;
}

void Lexicon::absorb(const Lexicon& other, const std::vector<DocumentNumber>& renumbered) {
  for (std::uint32_t number = 0; number < other.size(); ++number) {
    const PostingList& theirs = other.lists_[number];
    term_ = other.terms_.at(number);
    PostingList& ours = lists_[number_of(term_)];
    theirs.for_each([&](DocumentNumber document, Occurrences occurrences) {
      if (renumbered[document] != DocumentTable::gone)
        ours.append(renumbered[document], occurrences, theirs.loudest());
    });
  }
}

const PostingList* Lexicon::find(std::string_view term) const noexcept {
  const auto number = terms_.find(term);
  return number ? &lists_[*number] : nullptr;
}

void Lexicon::save(ByteWriter& writer) const {
  terms_.save(writer);
  spelling_.save(writer);
  for (const PostingList& list : lists_) list.save(writer);
}

bool Lexicon::load(ByteReader& reader) {
  if (!terms_.load(reader)) return false;
  spelling_.load(reader);
  if (spelling_.size() != terms_.size()) return false;
  for (std::uint32_t number = 0; number < terms_.size() && !reader.failed(); ++number) {
    relatives_.add(terms_.at(number));
    lists_.emplace_back().load(reader);
  }
  return !reader.failed();
}

void Lexicon::compact(const std::vector<DocumentNumber>& renumbered) {
  StringPool terms;
  Spelling spelling;
  Relatives relatives;
  std::deque<PostingList> lists;
  for (std::uint32_t number = 0; number < lists_.size(); ++number) {
    PostingList kept;
    const float loudest = lists_[number].loudest();  // of those that stay it may be less; a bound will do
    lists_[number].for_each([&](DocumentNumber document, Occurrences occurrences) {
      if (renumbered[document] != DocumentTable::gone)
        kept.append(renumbered[document], occurrences, loudest);
    });
    lists_[number] = PostingList();
    if (kept.size() == 0) continue;
    kept.shrink_to_fit();
    terms.intern(terms_.at(number));
    spelling.add(terms_.at(number));
    relatives.add(terms_.at(number));
    lists.push_back(std::move(kept));
  }
  terms_ = std::move(terms);
  spelling_ = std::move(spelling);
  relatives_ = std::move(relatives);
  lists_ = std::move(lists);
  known_.clear();
}

}  // namespace comem::search
