#include "search/synonyms.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "search/synonym_table.hpp"
#include "search/words.hpp"

namespace comem::search {
namespace {

constexpr double of_a_class = 0.8;

// Thousands of words are read when the first query comes, so pairs are made when they are asked for.
struct Table {
  std::vector<std::vector<std::string>> groups;                             // stems
  std::unordered_map<std::string_view, std::vector<std::uint16_t>> places;  // of stems, which groups keep
  std::unordered_map<std::string, std::vector<std::uint16_t>> classes;      // by the word that asks for them
};

template <class Visit>
void for_each_part(std::string_view text, char divider, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find(divider);
    if (end != 0) visit(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::uint16_t add(Table& table, std::string_view words) {
  table.groups.push_back(stems_of(words));
  return static_cast<std::uint16_t>(table.groups.size() - 1);
}

Table read_tables() {
  Table table;
  for (const std::string_view groups : {synonym_groups(), further_synonym_groups(), word_families()})
    for_each_part(groups, '|', [&](std::string_view group) { add(table, group); });
  table.places.reserve(8192);
  for (std::size_t place = 0; place < table.groups.size(); ++place)
    for (const std::string& stem : table.groups[place])
      table.places[stem].push_back(static_cast<std::uint16_t>(place));
  for_each_part(word_classes(), '|', [&](std::string_view whole) {
    const std::size_t colon = whole.find(':');
    const std::uint16_t place = add(table, whole.substr(colon + 1));
    for_each_part(whole.substr(0, colon), ' ',
                  [&](std::string_view word) { table.classes[std::string(word)].push_back(place); });
  });
  return table;
}

// What an English word may be the plural of, itself first.
std::vector<std::string> singulars(std::string_view word) {
  std::vector<std::string> all{std::string(word)};
  const auto without = [&](std::size_t ending) { return std::string(word.substr(0, word.size() - ending)); };
  if (word.ends_with('s')) all.push_back(without(1));
  if (word.ends_with("es")) all.push_back(without(2));
  if (word.ends_with("ies")) all.push_back(without(3) + 'y');
  return all;
}

class Finder {
 public:
  Finder(const Table& table, std::string_view stem) : table_(table), stem_(stem) {}

  void take(const std::vector<std::uint16_t>& places, double likeness) {
    for (const std::uint16_t place : places)
      for (const std::string& other : table_.groups[place]) {
        const auto same = [&](const Synonym& known) { return known.stem == other; };
        if (other != stem_ && std::none_of(found_.begin(), found_.end(), same))
          found_.push_back({other, likeness});
      }
  }
  std::vector<Synonym> found() && { return std::move(found_); }

 private:
  const Table& table_;
  const std::string_view stem_;
  std::vector<Synonym> found_;
};

}  // namespace

std::vector<Synonym> synonyms_of(std::string_view stem, std::string_view folded) {
  static const Table table = read_tables();
  Finder finder(table, stem);
  if (const auto places = table.places.find(stem); places != table.places.end())
    finder.take(places->second, 1);
  // By its stem "organization" would ask for organs.
  for (const std::string& word : singulars(folded))
    if (const auto asked = table.classes.find(word); asked != table.classes.end())
      finder.take(asked->second, of_a_class);
  return std::move(finder).found();
}

}  // namespace comem::search
