#include "search/seeking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "search/dates.hpp"
#include "search/synonyms.hpp"
#include "search/terms.hpp"
#include "search/typing_errors.hpp"

namespace comem::search {
namespace {

constexpr std::size_t most_meant = 3;

// Exact even while entries of removed documents are about, so that a score depends on the documents held
// alone.
std::uint32_t documents_with(const PostingList& list, const DocumentTable& documents) {
  if (documents.removed() == 0) return list.size();
  return static_cast<std::uint32_t>(documents.held_of(list));
}

struct Alike {
  double likeness;
  std::uint32_t term;
};

// The three terms that look most like it.
std::vector<Alike> alike(const std::string& word, const Lexicon& lexicon, const DocumentTable& documents,
                         double least) {
  std::vector<Alike> found;
  for (const std::uint32_t term : lexicon.spelling().candidates(word, least)) {
    const std::string_view other = lexicon.terms().at(term);
    if (is_stop_term(other)) continue;
    const double how = likeness(word, other);
    if (how >= least && documents_with(lexicon.list(term), documents) > 0) found.push_back({how, term});
  }
  std::sort(found.begin(), found.end(), [&](const Alike& a, const Alike& b) {
    if (a.likeness != b.likeness) return a.likeness > b.likeness;
    return lexicon.terms().at(a.term) < lexicon.terms().at(b.term);
  });
  if (found.size() > most_meant) found.resize(most_meant);
  return found;
}

class Seeker {
 public:
  Seeker(const std::vector<QueryTerm>& terms, const Lexicon& lexicon, const DocumentTable& documents,
         const Authors& authors, const Parameters& parameters)
      : terms_(terms),
        lexicon_(lexicon),
        documents_(documents),
        authors_(authors),
        parameters_(parameters),
        total_(static_cast<double>(documents.size())) {}

  std::vector<Sought> all() {
    std::vector<Sought> found;
    for (const QueryTerm& term : terms_) {
      Sought sought;
      sought.asked = term;
      seek(sought);
      if (sought.stands.empty()) continue;
      sought.weight = static_cast<float>(idf(sought.documents_with) * (parameters_.k1 + 1));
      found.push_back(std::move(sought));
    }
    std::sort(found.begin(), found.end(), [](const Sought& a, const Sought& b) {
      return std::tie(a.documents_with, a.asked.term) < std::tie(b.documents_with, b.asked.term);
    });
    return found;
  }

 private:
  double idf(std::uint32_t with) const {
    const auto n = static_cast<double>(with);
    return std::pow(std::log1p((total_ - n + 0.5) / (n + 0.5)), parameters_.idf_power);
  }

  void seek(Sought& sought) {
    if (const PostingList* own = lexicon_.find(sought.asked.term)) {
      sought.documents_with = documents_with(*own, documents_);
      if (sought.documents_with > 0) {
        sought.stands.push_back({own, 1, true});
        sought.loudest = own->loudest();
      }
    }
    if (is_stop_term(sought.asked.term)) return;
    if (parameters_.stemming == Stemming::english) {
      const std::uint32_t own = sought.documents_with;
      add_relatives(sought);
      add_synonyms(sought, own);
    }
    // Who names a month or a day means it: a word that looks like one is another.
    if (!sought.stands.empty() || is_time_word(sought.asked.folded)) return;
    add_slips(sought);
    if (sought.stands.empty() && !dropped_) add_alike(sought);
    dropped_ = false;
  }

  // A term that no document has weighs as much as the rarest of those that stand for it.
  bool add(Sought& sought, std::uint32_t with, const PostingList& list, std::string_view term, double share,
           bool heard_near = true) {
    if (with == 0) return false;
    sought.meant.emplace_back(term);
    sought.stands.push_back({&list, static_cast<float>(share), heard_near});
    if (!is_held(sought)) {
      sought.documents_with = sought.documents_with == 0 ? with : std::min(sought.documents_with, with);
    }
    sought.loudest = std::max(sought.loudest, std::ceil(static_cast<float>(share) * list.loudest()));
    return true;
  }

  static bool is_held(const Sought& sought) noexcept { return sought.stands.front().share == 1; }

  bool is_asked(std::string_view term) const {
    return std::any_of(terms_.begin(), terms_.end(),
                       [&](const QueryTerm& other) { return other.term == term; });
  }

  void add_relatives(Sought& sought) {
    if (parameters_.relative <= 0) return;
    for (const std::uint32_t number : lexicon_.relatives().of(sought.asked.term, lexicon_.terms())) {
      const std::string_view term = lexicon_.terms().at(number);
      if (is_asked(term)) continue;
      const PostingList& list = lexicon_.list(number);
      add(sought, documents_with(list, documents_), list, term, parameters_.relative);
    }
  }

  struct Other {
    const PostingList* list;
    std::uint32_t with;
    double share;
    std::string stem;
  };

  // Common words mean little, as what is asked and in its place. Who uses many words has said most of them
  // already. Another word counts no more than its own rarity says, though the asked one, or the rarest in its
  // place, be rarer.
  void add_synonyms(Sought& sought, std::uint32_t own) {
    constexpr double few = 10;
    const double common = parameters_.synonym_limit * total_;
    if (parameters_.synonym <= 0 || static_cast<double>(own) > common) return;
    const double need = std::min(1.0, parameters_.synonym_words / static_cast<double>(terms_.size()));
    std::vector<Other> others;
    for (Synonym& synonym : synonyms_of(sought.asked.term, sought.asked.folded)) {
      if (is_asked(synonym.stem) || authors_.have_stem(synonym.stem)) continue;
      const PostingList* list = lexicon_.find(synonym.stem);
      if (list == nullptr) continue;
      const std::uint32_t with = documents_with(*list, documents_);
      if (with > 0 && static_cast<double>(with) <= std::max(few, common))
        others.push_back(
            {list, with, parameters_.synonym * synonym.likeness * need, std::move(synonym.stem)});
    }
    // Without an own one, a relative's.
    std::uint32_t rarest =
        sought.documents_with > 0 ? sought.documents_with : std::numeric_limits<std::uint32_t>::max();
    if (own == 0)
      for (const Other& other : others) rarest = std::min(rarest, other.with);
    for (const Other& other : others)
      add(sought, other.with, *other.list, other.stem,
          other.share * std::min(1.0, idf(other.with) / idf(rarest)), false);
  }

  struct Slip {
    std::uint32_t with;
    const PostingList* list;
    std::string term;
  };

  void add_slips(Sought& sought) {
    if (parameters_.mistyped <= 0) return;
    std::vector<Slip> slips;
    Word word;
    std::string term;
    for (std::string& meant : meant_by(sought.asked.folded)) {
      word.text = std::move(meant);
      constexpr std::size_t short_word = 3;
      if (term_of(word, term, parameters_.stemming)) {
        dropped_ = dropped_ || word.text.size() > short_word;  // a stop word was meant: nothing to look for
        continue;
      }
      const PostingList* list = lexicon_.find(term);
      const bool known =
          std::any_of(slips.begin(), slips.end(), [&](const Slip& s) { return s.term == term; });
      if (list == nullptr || known) continue;
      if (const std::uint32_t with = documents_with(*list, documents_); with > 0)
        slips.push_back({with, list, term});
    }
    if (dropped_) return;
    std::sort(slips.begin(), slips.end(), [](const Slip& a, const Slip& b) {
      return a.with != b.with ? a.with > b.with : a.term < b.term;
    });
    if (slips.size() > most_meant) slips.resize(most_meant);
    for (const Slip& slip : slips) add(sought, slip.with, *slip.list, slip.term, parameters_.mistyped);
  }

  void add_alike(Sought& sought) {
    if (parameters_.similarity > 1 || !Spelling::judges(sought.asked.term)) return;
    for (const Alike& other : alike(sought.asked.term, lexicon_, documents_, parameters_.similarity)) {
      const PostingList& list = lexicon_.list(other.term);
      add(sought, documents_with(list, documents_), list, lexicon_.terms().at(other.term),
          parameters_.misspelled * other.likeness);
    }
  }

  const std::vector<QueryTerm>& terms_;
  const Lexicon& lexicon_;
  const DocumentTable& documents_;
  const Authors& authors_;
  const Parameters& parameters_;
  const double total_;
  bool dropped_ = false;  // the term at hand is a stop word with a slip in it
};

}  // namespace

std::vector<Sought> seek(const std::vector<QueryTerm>& terms, const Lexicon& lexicon,
                         const DocumentTable& documents, const Authors& authors,
                         const Parameters& parameters) {
  return Seeker(terms, lexicon, documents, authors, parameters).all();
}

}  // namespace comem::search
