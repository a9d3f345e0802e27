#include "search/sought.hpp"

#include <algorithm>
#include <cmath>

#include "search/terms.hpp"

namespace comem::search {
namespace {

// Exact even while entries of removed documents are about, so that a score depends on the documents held
// alone.
std::uint32_t documents_with(const PostingList& list, const DocumentTable& documents) {
  if (documents.removed() == 0) return list.size();
  std::uint32_t count = 0;
  list.for_each([&](DocumentNumber number, std::uint32_t) { count += documents.holds(number) ? 1u : 0u; });
  return count;
}

struct Alike {
  double likeness;
  std::uint32_t term;
};

// The three terms that look most like it.
std::vector<Alike> alike(const std::string& word, const Lexicon& lexicon, const DocumentTable& documents,
                         double least) {
  constexpr std::size_t most = 3;
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
  if (found.size() > most) found.resize(most);
  return found;
}

void take_alike(Sought& sought, const Lexicon& lexicon, const DocumentTable& documents,
                const Parameters& parameters) {
  if (parameters.similarity > 1 || !Spelling::judges(sought.asked.term)) return;
  for (const Alike& other : alike(sought.asked.term, lexicon, documents, parameters.similarity)) {
    const PostingList& list = lexicon.list(other.term);
    const std::uint32_t with = documents_with(list, documents);
    const auto share = static_cast<float>(parameters.misspelled * other.likeness);
    sought.meant.emplace_back(lexicon.terms().at(other.term));
    sought.stands.push_back({&list, share});
    sought.documents_with = sought.documents_with == 0 ? with : std::min(sought.documents_with, with);
    sought.loudest = std::max(sought.loudest, std::ceil(share * list.loudest()));
  }
}

}  // namespace

std::size_t Sought::entries() const noexcept {
  std::size_t entries = 0;
  for (const Stand& stand : stands) entries += stand.list->size();
  return entries;
}

std::vector<Sought::Heard> Sought::merged(const DocumentTable& documents) const {
  std::vector<Heard> all;
  for (const Stand& stand : stands) {
    stand.list->for_each([&](DocumentNumber number, std::uint32_t halves) {
      if (!documents.holds(number)) return;
      const float loudness = half * static_cast<float>(halves) * documents.loudness(number);
      all.push_back({number, std::max(1.0f, std::round(stand.share * loudness))});
    });
  }
  std::sort(all.begin(), all.end(), [](const Heard& a, const Heard& b) {
    return a.document != b.document ? a.document < b.document : a.loudness > b.loudness;
  });
  const auto same = [](const Heard& a, const Heard& b) { return a.document == b.document; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

std::vector<Sought> seek(const std::vector<QueryTerm>& terms, const Lexicon& lexicon,
                         const DocumentTable& documents, const Parameters& parameters) {
  std::vector<Sought> all;
  const auto total = static_cast<double>(documents.size());
  for (const QueryTerm& term : terms) {
    Sought sought;
    sought.asked = term;
    const PostingList* own = lexicon.find(term.term);
    if (own != nullptr) sought.documents_with = documents_with(*own, documents);
    if (sought.documents_with > 0) {
      sought.stands.push_back({own, 1});
      sought.loudest = own->loudest();
    } else {
      take_alike(sought, lexicon, documents, parameters);
    }
    if (sought.stands.empty()) continue;
    const auto with = static_cast<double>(sought.documents_with);
    const double idf = std::log1p((total - with + 0.5) / (with + 0.5));
    sought.weight = static_cast<float>(std::pow(idf, parameters.idf_power) * (parameters.k1 + 1));
    all.push_back(std::move(sought));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Sought& a, const Sought& b) { return a.documents_with < b.documents_with; });
  return all;
}

}  // namespace comem::search
