// comem-eval: answers the queries of a data set with the indexes alone: by words with any part of the ranking
// left out, so that it can be seen what the part is worth, by vectors, or by both. scripts/eval runs it and
// says what a data set looks like; benchmarks/eval_vectors.hpp says what vectors there are.

#include <comem/error.hpp>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/eval_data.hpp"
#include "benchmarks/eval_vectors.hpp"
#include "search/index.hpp"
#include "storage/searched.hpp"
#include "vectors/arm_trust.hpp"
#include "vectors/fusion.hpp"
#include "vectors/kernel.hpp"
#include "vectors/vector_index.hpp"

namespace {

using namespace comem;
using namespace comem::bench;

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
      {"names", [](auto& p) { p.name = 1; }},
      {"asking", [](auto& p) { p.asks = 1; }},
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

enum class Arm { words, vectors, fused };

const std::map<std::string, Arm>& arms() {
  static const std::map<std::string, Arm> all{
      {"words", Arm::words}, {"vectors", Arm::vectors}, {"fused", Arm::fused}};
  return all;
}

using vectors::Ranked;  // documents are numbers of memories in the data set

/// One namespace of a data set.
class Space {
 public:
  Space(const search::Parameters& parameters, std::size_t dimensions)
      : words_(parameters), vectors_(dimensions) {}

  void add(const EvalMemory& one, std::uint32_t number, const EvalVectors& vectors) {
    const RecordKey key(one.ns, common(one.memory).type, common(one.memory).id);
    words_.upsert(storage::searched_document(one.memory, key, no_expiry, TimePoint()));
    numbers_[key.id] = number;
    const auto vector = vectors.memories.find(key.id);
    if (vector != vectors.memories.end()) vectors_.set(number, vector->second);
  }

  std::vector<Ranked> by_words(const std::string& text, std::size_t limit) const {
    Query query(text);
    query.with_limit(limit);
    std::vector<Ranked> found;
    for (const auto& match : words_.search(query, {}, TimePoint()))
      found.push_back({numbers_.at(match.id), match.score});
    return found;
  }

  std::vector<Ranked> by_vector(std::vector<float> vector, std::size_t limit) const {
    vectors::normalise(vector);
    std::vector<Ranked> found;
    for (const auto& one : vectors_.search(vector, limit, nullptr))
      found.push_back({one.number, static_cast<double>(one.similarity)});
    return found;
  }

  /// As the product fuses, learning from one query to the next.
  std::vector<Ranked> fused(const std::vector<Ranked>& words, const std::vector<Ranked>& near) {
    trust_.observe(words, near, vectors_.size());
    vectors::FusionWeights weights;
    weights.words = trust_.words_weight();
    std::vector<Ranked> found;
    for (const auto& one : vectors::fuse(words, near, vectors_.size(), weights))
      found.push_back({one.document, one.score});
    return found;
  }

 private:
  search::Index words_;
  vectors::VectorIndex vectors_;
  vectors::ArmTrust trust_;
  std::map<std::string, std::uint32_t> numbers_;  // by id
};

std::vector<Ranked> answer(Space& space, const EvalQuery& query, const EvalVectors& vectors, Arm arm,
                           std::size_t limit) {
  const auto vector = vectors.queries.find(query.id);
  const bool known = arm != Arm::words && vector != vectors.queries.end();
  std::vector<Ranked> words, near;
  if (arm != Arm::vectors) words = space.by_words(query.text, limit);
  if (known) near = space.by_vector(vector->second, limit);
  // Without a word to search for they are only the newest.
  if (!near.empty() && !words.empty() && words.front().score <= 0) words.clear();
  if (arm == Arm::words || (arm == Arm::fused && !known)) return words;
  return arm == Arm::vectors ? near : space.fused(words, near);
}

void answer_all(const EvalData& data, const EvalVectors& vectors, const search::Parameters& parameters,
                Arm arm, std::size_t limit) {
  std::map<std::string, std::unique_ptr<Space>> spaces;
  for (std::uint32_t number = 0; number < data.memories.size(); ++number) {
    const auto& memory = data.memories[number];
    auto& space = spaces[memory.ns];
    if (!space) space = std::make_unique<Space>(parameters, vectors.dimensions);
    space->add(memory, number, vectors);
  }
  for (const auto& query : data.queries) {
    const auto space = spaces.find(query.ns);
    if (space == spaces.end()) continue;
    std::size_t rank = 0;
    for (const auto& one : answer(*space->second, query, vectors, arm, limit)) {
      if (rank == limit) break;
      const auto& id = common(data.memories[one.document].memory).id;
      fmt::print("{} {} {} {:.6f}\n", query.id, id, ++rank, one.score);
    }
  }
}

EvalVectors vectors_for(const std::string& source, const EvalData& data) {
  if (source.empty()) return {};
  const auto& kinds = vector_kinds();
  const bool made = std::find(kinds.begin(), kinds.end(), source) != kinds.end();
  return made ? made_vectors(source, data) : read_vectors(source);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("comem-eval: answers the queries of a data set, as lines \"query memory rank score\"",
               "comem-eval");
  std::string path;
  std::vector<std::string> without;
  std::string source;
  Arm arm = Arm::words;
  std::size_t limit = 100;
  app.add_option("DATA", path, "Directory with memories.jsonl and queries.jsonl")->required();
  app.add_option("--without", without, "Parts of the ranking by words to leave out")
      ->check(CLI::IsMember(names_of_parts()));
  auto* vectors = app.add_option(
      "--vectors", source,
      fmt::format("A file of vectors, or a kind that is made: {}", fmt::join(vector_kinds(), ", ")));
  app.add_option("--arm", arm, "words (default), vectors or fused")
      ->transform(CLI::CheckedTransformer(arms()))
      ->needs(vectors);
  app.add_option("--limit", limit, "Answers a query (100)");
  CLI11_PARSE(app, argc, argv);
  try {
    search::Parameters parameters;
    for (const auto& part : without) parts().at(part)(parameters);
    const EvalData data = read_eval_data(path);
    answer_all(data, vectors_for(source, data), parameters, arm, limit);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "comem-eval: {}\n", error.what());
    return 1;
  }
}
