#include "memory/said.hpp"

#include <algorithm>

namespace comem::memory {
namespace {

template <class Belong>
Groups grouped(const std::vector<Said>& all, Belong belong) {
  Groups groups;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& members) {
      return belong(all[members.front()], all[i]);
    });
    if (group == groups.end())
      groups.push_back({i});
    else
      group->push_back(i);
  }
  // Only now, since a group is known by its first member.
  for (auto& members : groups)
    std::sort(members.begin(), members.end(),
              [&](std::size_t a, std::size_t b) { return is_newer(all[a], all[b]); });
  return groups;
}

}  // namespace

bool is_newer(const Said& a, const Said& b) noexcept {
  const auto when = [](const Said& said) { return said.time == TimePoint{} ? said.created_at : said.time; };
  if (when(a) != when(b)) return when(a) > when(b);
  if (a.created_at != b.created_at) return a.created_at > b.created_at;
  return a.id > b.id;
}

Groups repetitions(const std::vector<Said>& all) {
  return grouped(all, [](const Said& a, const Said& b) {
    return a.author == b.author && say_the_same(a.wording, b.wording, usual_similarity);
  });
}

Groups disagreements(const std::vector<Said>& all) {
  return grouped(all, [](const Said& a, const Said& b) {
    const bool comparable = a.author == b.author || a.author.empty() || b.author.empty();
    return comparable && disagree(a.wording, b.wording);
  });
}

}  // namespace comem::memory
