#include "search/synonyms.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "search/synonym_table.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

constexpr double of_a_class = 0.7;

struct Group {
  std::vector<std::string> stems;
  bool is_class = false;  // the first may mean any of the others, but not they it
};

// Thousands of words are read when the first query comes, so pairs are made when they are asked for.
struct Table {
  std::vector<Group> groups;
  std::unordered_map<std::string_view, std::vector<std::uint16_t>> places;  // of stems, which groups keep
};

void add(Table& table, std::string_view groups, bool are_classes) {
  while (!groups.empty()) {
    const std::size_t end = groups.find('|');
    table.groups.push_back({stems_of(groups.substr(0, end)), are_classes});
    groups.remove_prefix(end == std::string_view::npos ? groups.size() : end + 1);
  }
}

Table read_tables() {
  Table table;
  for (const std::string_view groups : {synonym_groups(), further_synonym_groups(), word_families()})
    add(table, groups, false);
  add(table, word_classes(), true);
  table.places.reserve(8192);
  for (std::size_t place = 0; place < table.groups.size(); ++place) {
    const Group& group = table.groups[place];
    const std::size_t askable =
        group.is_class ? std::min<std::size_t>(1, group.stems.size()) : group.stems.size();
    for (std::size_t i = 0; i < askable; ++i)
      table.places[group.stems[i]].push_back(static_cast<std::uint16_t>(place));
  }
  return table;
}

}  // namespace

std::vector<Synonym> synonyms_of(std::string_view stem) {
  static const Table table = read_tables();
  std::vector<Synonym> found;
  const auto places = table.places.find(stem);
  if (places == table.places.end()) return found;
  for (const std::uint16_t place : places->second) {
    const Group& group = table.groups[place];
    for (const std::string& other : group.stems) {
      const auto same = [&](const Synonym& known) { return known.stem == other; };
      if (other == stem || std::any_of(found.begin(), found.end(), same)) continue;
      found.push_back({other, group.is_class ? of_a_class : 1});
    }
  }
  return found;
}

}  // namespace comem::search
