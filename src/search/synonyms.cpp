#include "search/synonyms.hpp"

#include <algorithm>
#include <unordered_map>

#include "search/synonym_table.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

constexpr double of_a_class = 0.7;

using Table = std::unordered_map<std::string, std::vector<Synonym>>;

void add(Table& table, const std::string& asked, const std::string& said, double likeness) {
  if (asked == said) return;
  auto& known = table[asked];
  const auto same = [&](const Synonym& other) { return other.stem == said; };
  if (std::none_of(known.begin(), known.end(), same)) known.push_back({said, likeness});
}

// Calls visit(stems) for each group.
template <class Visit>
void for_each_group(std::string_view groups, Visit visit) {
  while (!groups.empty()) {
    const std::size_t end = groups.find('|');
    visit(stems_of(groups.substr(0, end)));
    groups.remove_prefix(end == std::string_view::npos ? groups.size() : end + 1);
  }
}

Table read_tables() {
  Table table;
  for (const std::string_view groups : {synonym_groups(), further_synonym_groups(), word_families()}) {
    for_each_group(groups, [&](const std::vector<std::string>& group) {
      for (const auto& asked : group) {
        for (const auto& said : group) add(table, asked, said, 1);
      }
    });
  }
  for_each_group(word_classes(), [&](const std::vector<std::string>& group) {
    for (const auto& member : group) add(table, group.front(), member, of_a_class);
  });
  return table;
}

}  // namespace

const std::vector<Synonym>& synonyms_of(std::string_view stem) {
  static const Table table = read_tables();
  static const std::vector<Synonym> none;
  const auto found = table.find(std::string(stem));
  return found == table.end() ? none : found->second;
}

}  // namespace comem::search
