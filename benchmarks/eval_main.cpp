// comem-eval: answers the queries of a data set with the index alone, any part of the ranking left out, so
// that it can be seen what the part is worth. scripts/eval runs it; docs/search.md says what a data set looks
// like.

#include <comem/error.hpp>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "memory/jsonl.hpp"
#include "search/index.hpp"
#include "storage/searched.hpp"

namespace {

using namespace comem;

using Change = std::function<void(search::Parameters&)>;

const std::map<std::string, Change>& parts() {
  static const std::map<std::string, Change> all{
      {"neighbours", [](auto& p) { p.earlier = p.later = p.answer = 0; }},
      {"answers", [](auto& p) { p.answer = 0; }},
      {"lead", [](auto& p) { p.lead = 0; }},
      {"facets", [](auto& p) { p.author = 1; }},
      {"addressed", [](auto& p) { p.addressed = 1; }},
      {"dates", [](auto& p) { p.date = 0; }},
      {"when", [](auto& p) { p.when = 1; }},
      {"relatives", [](auto& p) { p.relative = 0; }},
      {"synonyms", [](auto& p) { p.synonym = 0; }},
      {"typos", [](auto& p) { p.mistyped = 0, p.similarity = 2; }},
      {"rarity", [](auto& p) { p.idf_power = 1; }},
      {"stemming", [](auto& p) { p.stemming = search::Stemming::none; }}};
  return all;
}

std::vector<std::string> names_of_parts() {
  std::vector<std::string> names;
  for (const auto& [name, change] : parts()) names.push_back(name);
  return names;
}

using Indexes = std::map<std::string, search::Index>;

void load(const std::string& path, const search::Parameters& parameters, Indexes& indexes) {
  std::ifstream file(path);
  if (!file) throw Error(errc::invalid_argument, path + " cannot be read");
  for (std::string line; std::getline(file, line);) {
    memory::Line parsed;
    try {
      parsed = memory::parse_line(line);
    } catch (const Error& error) {
      fmt::print(stderr, "comem-eval: {}: {}\n", path, error.what());
      continue;
    }
    const RecordKey key(parsed.ns, common(parsed.memory).type, common(parsed.memory).id);
    const auto index = indexes.try_emplace(parsed.ns, parameters).first;
    index->second.upsert(storage::searched_document(parsed.memory, key, no_expiry, TimePoint()));
  }
}

void answer(const std::string& path, std::size_t limit, Indexes& indexes) {
  std::ifstream file(path);
  if (!file) throw Error(errc::invalid_argument, path + " cannot be read");
  for (std::string line; std::getline(file, line);) {
    const auto query = nlohmann::json::parse(line);
    const auto index = indexes.find(query.at("ns").get<std::string>());
    if (index == indexes.end()) continue;
    Query words(query.at("query").get<std::string>());
    words.with_limit(limit);
    std::size_t rank = 0;
    for (const auto& match : index->second.search(words, {}, TimePoint()))
      fmt::print("{} {} {} {:.6f}\n", query.at("id").get<std::string>(), match.id, ++rank, match.score);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("comem-eval: answers the queries of a data set, as lines \"query memory rank score\"",
               "comem-eval");
  std::string data;
  std::vector<std::string> without;
  std::size_t limit = 100;
  app.add_option("DATA", data, "Directory with memories.jsonl and queries.jsonl")->required();
  app.add_option("--without", without, "Parts of the ranking to leave out")
      ->check(CLI::IsMember(names_of_parts()));
  app.add_option("--limit", limit, "Answers a query (100)");
  CLI11_PARSE(app, argc, argv);
  try {
    search::Parameters parameters;
    for (const auto& part : without) parts().at(part)(parameters);
    Indexes indexes;
    load(data + "/memories.jsonl", parameters, indexes);
    answer(data + "/queries.jsonl", limit, indexes);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "comem-eval: {}\n", error.what());
    return 1;
  }
}
