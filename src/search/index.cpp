#include "search/index.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "search/boosts.hpp"
#include "search/documents.hpp"
#include "search/explaining.hpp"
#include "search/facets.hpp"
#include "search/filter.hpp"
#include "search/intent.hpp"
#include "search/lexicon.hpp"
#include "search/neighbours.hpp"
#include "search/ranking.hpp"
#include "search/seeking.hpp"
#include "search/sharing.hpp"
#include "search/terms.hpp"
#include "search/top_k.hpp"
#include "search/weights.hpp"
#include "search/workspace.hpp"

namespace comem::search {

namespace {

// The parameters that what is kept of a text depends on.
using Fingerprint = std::array<double, 5>;

Fingerprint fingerprint(const Parameters& parameters) {
  return {static_cast<double>(parameters.stemming), parameters.b,
          static_cast<double>(parameters.floor_length), parameters.lead, parameters.lead_words};
}

}  // namespace

class Index::Impl {
 public:
  explicit Impl(const Parameters& parameters) : parameters_(parameters), lexicon_(parameters) {}

  void upsert(const Document& document);
  bool remove(MemoryType type, std::string_view id);
  void absorb(const Impl& other);
  std::vector<Match> search(const Query& query, const std::set<std::string>& sessions, TimePoint now) const;
  std::vector<std::string> sharing(std::string_view text, double share, MemoryType type, TimePoint now) const;
  std::size_t drop_expired(TimePoint now);
  void compact_if_worth_it();

  void save(ByteWriter& writer) const;
  bool load(ByteReader& reader);

  const Parameters& parameters() const noexcept { return parameters_; }
  std::size_t size() const noexcept { return documents_.size(); }
  std::size_t terms() const noexcept { return lexicon_.size(); }

 private:
  void remove(DocumentNumber number);
  void stand_in_line();
  bool is_unknown(const Word& word) const;
  std::vector<Match> best(const Query& query, const Intent& intent, const Boosts& boosts,
                          const Filter& filter) const;
  std::vector<Candidate> newest(const Filter& filter, std::size_t limit) const;
  std::vector<Match> matches_of(const std::vector<Candidate>& candidates) const;

  const Parameters parameters_;
  DocumentTable documents_;
  Lexicon lexicon_;
  Neighbours neighbours_{documents_};
  Authors authors_;
  mutable Workspaces workspaces_;
};

void Index::Impl::upsert(const Document& document) {
  if (const auto old = documents_.find(document.type, document.id)) remove(*old);
  const DocumentNumber number = documents_.add(document);
  const TextRead read = lexicon_.add(number, document.text, document.caption);
  documents_.describe(number, read.loudness, read.traits);
  neighbours_.add(number);
  authors_.add(documents_.facts(number).author, document.author);
}

void Index::Impl::remove(DocumentNumber number) {
  const std::uint32_t author = documents_.facts(number).author;
  authors_.remove(author, documents_.names().at(author));
  neighbours_.remove(number);
  documents_.remove(number);
}

bool Index::Impl::remove(MemoryType type, std::string_view id) {
  const auto number = documents_.find(type, id);
  if (number) remove(*number);
  return number.has_value();
}

void Index::Impl::absorb(const Impl& other) {
  const DocumentNumber first = documents_.end();
  lexicon_.absorb(other.lexicon_, documents_.absorb(other.documents_));
  neighbours_.add_from(first);
  for (DocumentNumber number = first; number < documents_.end(); ++number) {
    const std::uint32_t author = documents_.facts(number).author;
    authors_.add(author, documents_.names().at(author));
  }
}

// Each compaction costs as much as what it visits, and is paid by a third as many removals at least.
void Index::Impl::compact_if_worth_it() {
  constexpr std::size_t few = 64;
  if (documents_.removed() < few || documents_.removed() * 4 < documents_.end()) return;
  lexicon_.compact(documents_.compact());
  stand_in_line();
}

// Who stands next to whom, and who speaks, follows from the documents.
void Index::Impl::stand_in_line() {
  neighbours_.rebuild();
  authors_.clear();
  for (DocumentNumber number = 0; number < documents_.end(); ++number) {
    if (!documents_.holds(number)) continue;
    const std::uint32_t author = documents_.facts(number).author;
    authors_.add(author, documents_.names().at(author));
  }
}

void Index::Impl::save(ByteWriter& writer) const {
  writer.put(fingerprint(parameters_));
  documents_.save(writer);
  lexicon_.save(writer);
}

bool Index::Impl::load(ByteReader& reader) {
  if (reader.get<Fingerprint>() != fingerprint(parameters_)) return false;
  if (!documents_.load(reader) || !lexicon_.load(reader) || !reader.at_end()) return false;
  stand_in_line();
  return true;
}

std::size_t Index::Impl::drop_expired(TimePoint now) {
  std::size_t dropped = 0;
  for (DocumentNumber number = 0; number < documents_.end(); ++number) {
    if (!documents_.holds(number) || documents_.facts(number).live(now)) continue;
    remove(number);
    ++dropped;
  }
  return dropped;
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

std::vector<Match> Index::Impl::best(const Query& query, const Intent& intent, const Boosts& boosts,
                                     const Filter& filter) const {
  const std::vector<Sought> terms = seek(intent.terms, lexicon_, documents_, authors_, parameters_);
  const HearingWeights weights(parameters_, neighbours_.sessions() > 1);
  auto workspace = workspaces_.take();
  Ranking ranking(documents_, neighbours_, parameters_, weights, *workspace);
  const std::vector<Candidate> candidates = ranking.best(terms, boosts, filter, query.limit);
  workspaces_.give_back(std::move(workspace));
  std::vector<Match> matches = matches_of(candidates);
  explain(matches, {candidates, terms, intent.terms, documents_, neighbours_, weights, parameters_, boosts},
          query.explain);
  return matches;
}

bool Index::Impl::is_unknown(const Word& word) const {
  std::string term;
  if (term_of(word, term, parameters_.stemming)) return false;
  const PostingList* list = lexicon_.find(term);
  return list == nullptr || documents_.held_of(*list) == 0;
}

std::vector<Match> Index::Impl::search(const Query& query, const std::set<std::string>& sessions,
                                       TimePoint now) const {
  const Filter filter(query, sessions, now, documents_.names());
  if (!filter.possible() || query.limit == 0) return {};
  const Intent intent = intent_of(
      query.text, authors_, documents_, parameters_, [this](const Word& word) { return is_unknown(word); },
      std::chrono::floor<std::chrono::days>(now));
  const Boosts boosts(intent, documents_, parameters_);
  if (intent.terms.empty() && !boosts.has_dates()) return matches_of(newest(filter, query.limit));
  return best(query, intent, boosts, filter);
}

std::vector<std::string> Index::Impl::sharing(std::string_view text, double share, MemoryType type,
                                              TimePoint now) const {
  Query any("");
  any.types = {type};
  const Filter filter(any, {}, now, documents_.names());
  std::vector<std::string> ids;
  for (const auto number : search::sharing(text, share, lexicon_, documents_, filter, parameters_))
    ids.push_back(documents_.facts(number).id);
  return ids;
}

Index::Index(const Parameters& parameters) : impl_(std::make_unique<Impl>(parameters)) {}
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

void Index::absorb(const Index& other) {
  impl_->absorb(*other.impl_);
}

void Index::clear() {
  impl_ = std::make_unique<Impl>(impl_->parameters());
}

std::vector<Match> Index::search(const Query& query, const std::set<std::string>& sessions,
                                 TimePoint now) const {
  return impl_->search(query, sessions, now);
}

std::vector<std::string> Index::sharing(std::string_view text, double share, MemoryType type,
                                        TimePoint now) const {
  return impl_->sharing(text, share, type, now);
}

std::size_t Index::drop_expired(TimePoint now) {
  const std::size_t dropped = impl_->drop_expired(now);
  impl_->compact_if_worth_it();
  return dropped;
}

std::string Index::save() const {
  ByteWriter writer;
  impl_->save(writer);
  return std::move(writer).take();
}

bool Index::load(std::string_view bytes) {
  clear();
  ByteReader reader(bytes);
  if (impl_->load(reader)) return true;
  clear();
  return false;
}

std::size_t Index::size() const noexcept {
  return impl_->size();
}
std::size_t Index::terms() const noexcept {
  return impl_->terms();
}

}  // namespace comem::search
