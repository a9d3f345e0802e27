#include "search/synonyms.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "search/synonym_table.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

constexpr double of_a_class = 0.7;

struct Group {
  std::vector<std::string> stems;
  std::size_t asked = 0;  // so many of the first may be asked for
  std::size_t meant = 0;  // from which on they may be meant
  double likeness = 1;
};

// A class has a colon: what is before it may mean any of what is behind it, but not the other way round.
Group read_group(std::string_view words) {
  const std::size_t colon = words.find(':');
  Group group;
  group.stems = stems_of(words.substr(0, colon));
  group.asked = group.stems.size();
  if (colon == std::string_view::npos) return group;
  group.meant = group.asked;
  group.likeness = of_a_class;
  for (std::string& member : stems_of(words.substr(colon))) group.stems.push_back(std::move(member));
  return group;
}

// Thousands of words are read when the first query comes, so pairs are made when they are asked for.
struct Table {
  std::vector<Group> groups;
  std::unordered_map<std::string_view, std::vector<std::uint16_t>> places;  // of stems, which groups keep
};

void add(Table& table, std::string_view groups) {
  while (!groups.empty()) {
    const std::size_t end = groups.find('|');
    table.groups.push_back(read_group(groups.substr(0, end)));
    groups.remove_prefix(end == std::string_view::npos ? groups.size() : end + 1);
  }
}

Table read_tables() {
  Table table;
  for (const std::string_view groups :
       {synonym_groups(), further_synonym_groups(), word_families(), word_classes()})
    add(table, groups);
  table.places.reserve(8192);
  for (std::size_t place = 0; place < table.groups.size(); ++place) {
    const Group& group = table.groups[place];
    for (std::size_t i = 0; i < group.asked; ++i)
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
    for (std::size_t i = group.meant; i < group.stems.size(); ++i) {
      const std::string& other = group.stems[i];
      const auto same = [&](const Synonym& known) { return known.stem == other; };
      if (other == stem || std::any_of(found.begin(), found.end(), same)) continue;
      found.push_back({other, group.likeness});
    }
  }
  return found;
}

}  // namespace comem::search
