#include "search/sought.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {

std::size_t Sought::entries() const noexcept {
  std::size_t entries = 0;
  for (const Stand& stand : stands) entries += stand.list->size();
  return entries;
}

namespace {

// As it is heard where it stands for the query's word.
Sought::Heard as_stand(Sought::Heard heard, const Sought::Stand& stand) {
  if (stand.share == 1) return heard;
  heard.own = std::max(1.0f, static_cast<float>(static_cast<int>(stand.share * heard.loudness + 0.5f)));
  heard.loudness = stand.heard_near ? heard.own : 0;
  heard.asked = 0;
  return heard;
}

void merge(std::vector<Sought::Heard>& all, const std::vector<Sought::Heard>& more) {
  std::vector<Sought::Heard> both;
  both.reserve(all.size() + more.size());
  auto known = all.begin();
  for (Sought::Heard next : more) {
    while (known != all.end() && known->document < next.document) both.push_back(*known++);
    if (known != all.end() && known->document == next.document) {
      next.loudness = std::max(next.loudness, known->loudness);
      next.own = std::max(next.own, known->own);
      next.asked = std::max(next.asked, known->asked);
      ++known;
    }
    both.push_back(next);
  }
  both.insert(both.end(), known, all.end());
  all = std::move(both);
}

}  // namespace

// `read(list, visit)` says what of a list is read.
template <class Read>
std::vector<Sought::Heard> Sought::merge_all(const DocumentTable& documents, Read read) const {
  std::vector<std::vector<Heard>> runs;  // each shorter than the one before, so that no entry is copied often
  for (const Stand& stand : stands) {
    std::vector<Heard> run;
    read(*stand.list, [&](DocumentNumber number, Occurrences occurrences) {
      if (documents.holds(number)) run.push_back(as_stand(heard(number, occurrences, documents), stand));
    });
    for (; !runs.empty() && runs.back().size() <= run.size(); runs.pop_back()) merge(run, runs.back());
    if (!run.empty()) runs.push_back(std::move(run));
  }
  for (; runs.size() > 1; runs.pop_back()) merge(runs[runs.size() - 2], runs.back());
  return runs.empty() ? std::vector<Heard>() : std::move(runs.front());
}

std::vector<Sought::Heard> Sought::merged(const DocumentTable& documents) const {
  return merge_all(documents, [](const PostingList& list, auto visit) { list.for_each(visit); });
}

std::vector<Sought::Heard> Sought::merged_in(const std::vector<DocumentRange>& ranges,
                                             const DocumentTable& documents) const {
  return merge_all(documents, [&](const PostingList& list, auto visit) { list.for_each_in(ranges, visit); });
}

std::vector<Sought::Heard> Sought::merged_of(const std::vector<DocumentNumber>& wanted,
                                             const DocumentTable& documents) const {
  return merge_all(documents, [&](const PostingList& list, auto visit) { list.for_each_of(wanted, visit); });
}

}  // namespace comem::search
