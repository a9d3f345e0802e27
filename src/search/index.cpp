#include "search/index.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "search/documents.hpp"
#include "search/filter.hpp"
#include "search/lexicon.hpp"
#include "search/query_terms.hpp"
#include "search/ranking.hpp"
#include "search/top_k.hpp"

namespace comem::search {
namespace {

struct Candidate {
  float score = 0;
  DocumentNumber number = 0;
};

// Composite score, then newer, then smaller id; the type makes it total.
bool worth_more(const Facts& a, const Facts& b) noexcept {
  if (a.composite != b.composite) return a.composite > b.composite;
  if (a.time != b.time) return a.time > b.time;
  if (a.id != b.id) return a.id < b.id;
  return a.type < b.type;
}

}  // namespace

class Index::Impl {
 public:
  void upsert(const Document& document);
  bool remove(MemoryType type, std::string_view id);
  std::vector<Match> search(const Query& query, const std::set<std::string>& sessions, TimePoint now) const;
  std::size_t drop_expired(TimePoint now);
  void compact_if_worth_it();

  std::size_t size() const noexcept { return documents_.size(); }
  std::size_t terms() const noexcept { return lexicon_.size(); }

 private:
  std::vector<Candidate> best(const std::vector<const PostingList*>& lists, const Filter& filter,
                              std::size_t limit) const;
  std::vector<Candidate> newest(const Filter& filter, std::size_t limit) const;
  std::vector<Match> matches_of(const std::vector<Candidate>& candidates) const;

  DocumentTable documents_;
  Lexicon lexicon_;
};

void Index::Impl::upsert(const Document& document) {
  if (const auto old = documents_.find(document.type, document.id)) documents_.remove(*old);
  const DocumentNumber number = documents_.add(document);
  documents_.set_norm(number, length_norm(lexicon_.add(number, document.text)));
}

bool Index::Impl::remove(MemoryType type, std::string_view id) {
  const auto number = documents_.find(type, id);
  if (number) documents_.remove(*number);
  return number.has_value();
}

// Each compaction costs as much as what it visits, and is paid by a third as many removals at least.
void Index::Impl::compact_if_worth_it() {
  constexpr std::size_t few = 64;
  if (documents_.removed() < few || documents_.removed() * 4 < documents_.end()) return;
  lexicon_.compact(documents_.compact());
}

std::size_t Index::Impl::drop_expired(TimePoint now) {
  std::size_t dropped = 0;
  for (DocumentNumber number = 0; number < documents_.end(); ++number) {
    if (!documents_.holds(number) || documents_.facts(number).live(now)) continue;
    documents_.remove(number);
    ++dropped;
  }
  return dropped;
}

std::vector<Candidate> Index::Impl::best(const std::vector<const PostingList*>& lists, const Filter& filter,
                                         std::size_t limit) const {
  const auto better = [this](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return worth_more(documents_.facts(a.number), documents_.facts(b.number));
  };
  const std::vector<float> scores = bm25(lists, documents_);
  TopK<Candidate, decltype(better)> top(limit, better);
  for (DocumentNumber number = 0; number < scores.size(); ++number) {
    const Candidate candidate{scores[number], number};
    // Few would be kept, so the filter, which looks at more memory, is asked about those only.
    if (candidate.score > 0 && top.would_keep(candidate) && filter.passes(documents_.facts(number))) {
      top.offer(candidate);
    }
  }
  return std::move(top).take();
}

std::vector<Candidate> Index::Impl::newest(const Filter& filter, std::size_t limit) const {
  const auto newer = [this](const Candidate& a, const Candidate& b) {
    const Facts& left = documents_.facts(a.number);
    const Facts& right = documents_.facts(b.number);
    return left.time != right.time ? left.time > right.time : worth_more(left, right);
  };
  TopK<Candidate, decltype(newer)> top(limit, newer);
  for (DocumentNumber number = 0; number < documents_.end(); ++number) {
    if (documents_.holds(number) && filter.passes(documents_.facts(number))) top.offer({0, number});
  }
  return std::move(top).take();
}

std::vector<Match> Index::Impl::matches_of(const std::vector<Candidate>& candidates) const {
  std::vector<Match> matches(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Facts& facts = documents_.facts(candidates[i].number);
    matches[i].type = facts.type;
    matches[i].id = facts.id;
    matches[i].score = candidates[i].score;
  }
  return matches;
}

namespace {

// Which words were found where. A second look at the postings, which costs less than noting every word for
// every document during the first.
void name_words(std::vector<Match>& matches, const std::vector<Candidate>& candidates,
                const std::vector<const PostingList*>& lists, const std::vector<std::string>& written) {
  std::vector<std::pair<DocumentNumber, std::size_t>> places;
  for (std::size_t i = 0; i < candidates.size(); ++i) places.emplace_back(candidates[i].number, i);
  std::sort(places.begin(), places.end());
  for (std::size_t term = 0; term < lists.size(); ++term) {
    auto place = places.begin();
    lists[term]->for_each([&](DocumentNumber number, std::uint32_t) {
      while (place != places.end() && place->first < number) ++place;
      if (place != places.end() && place->first == number)
        matches[place->second].words.push_back(written[term]);
    });
  }
}

}  // namespace

std::vector<Match> Index::Impl::search(const Query& query, const std::set<std::string>& sessions,
                                       TimePoint now) const {
  const Filter filter(query, sessions, now, documents_.names());
  if (!filter.possible() || query.limit == 0) return {};
  const std::vector<QueryTerm> terms = query_terms(query.text);
  if (terms.empty()) return matches_of(newest(filter, query.limit));
  std::vector<const PostingList*> lists;
  std::vector<std::string> written;
  for (const QueryTerm& term : terms) {
    const PostingList* list = lexicon_.find(term.term);
    if (list == nullptr) continue;
    lists.push_back(list);
    written.push_back(term.written);
  }
  const std::vector<Candidate> candidates = best(lists, filter, query.limit);
  std::vector<Match> matches = matches_of(candidates);
  name_words(matches, candidates, lists, written);
  return matches;
}

Index::Index() : impl_(std::make_unique<Impl>()) {}
Index::~Index() = default;
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;

void Index::upsert(const Document& document) {
  impl_->upsert(document);
  impl_->compact_if_worth_it();
}

void Index::remove(MemoryType type, std::string_view id) {
  if (impl_->remove(type, id)) impl_->compact_if_worth_it();
}

void Index::clear() {
  impl_ = std::make_unique<Impl>();
}

std::vector<Match> Index::search(const Query& query, const std::set<std::string>& sessions,
                                 TimePoint now) const {
  return impl_->search(query, sessions, now);
}

std::size_t Index::drop_expired(TimePoint now) {
  const std::size_t dropped = impl_->drop_expired(now);
  impl_->compact_if_worth_it();
  return dropped;
}

std::size_t Index::size() const noexcept {
  return impl_->size();
}
std::size_t Index::terms() const noexcept {
  return impl_->terms();
}

}  // namespace comem::search
