#pragma once
// Small documents and what a search answers, for the tests of the index.

#include <string>
#include <vector>

#include "search/index.hpp"

namespace comem::search {

inline TimePoint at(int milliseconds) {
  return TimePoint(Milliseconds(milliseconds));
}

inline Document document(std::string id, std::string text, int time = 0) {
  Document made;
  made.id = std::move(id);
  made.text = std::move(text);
  made.time = at(time);
  return made;
}

using Ids = std::vector<std::string>;

inline Ids ids_of(const std::vector<Match>& matches) {
  Ids ids;
  for (const Match& match : matches) ids.push_back(match.id);
  return ids;
}

inline Ids found(const Index& index, const Query& query, const std::set<std::string>& sessions = {},
                 TimePoint now = at(1000)) {
  return ids_of(index.search(query, sessions, now));
}

}  // namespace comem::search
