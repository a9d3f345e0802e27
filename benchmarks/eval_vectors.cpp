#include "benchmarks/eval_vectors.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "benchmarks/latent_semantics.hpp"

namespace comem::bench {
namespace {

using Values = std::vector<float>;

constexpr std::size_t dimensions = 256;

/// A direction that a name stands for, of unit length on average. FNV-1a seeds it.
Values direction(const std::string& name, std::size_t size = dimensions) {
  std::uint64_t seed = 14695981039346656037u;
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 1099511628211u;
  std::mt19937_64 random(seed);
  Values values(size);
  for (auto& value : values) {  // the sum of uniform numbers is normal enough
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) * 0x1p-53;
    value = static_cast<float>(sum / std::sqrt(static_cast<double>(size)));
  }
  return values;
}

/// The directions of many names, some of which come often.
class Directions {
 public:
  const Values& of(const std::string& name) {
    auto& known = known_[name];
    if (known.empty()) known = direction(name);
    return known;
  }

 private:
  std::unordered_map<std::string, Values> known_;
};

void add(Values& to, const Values& what, double weight) {
  const auto factor = static_cast<float>(weight);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * what[i];
}

void to_unit_length(Values& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
  if (squares == 0) return;
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / std::sqrt(squares));
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80)
      words.back() += static_cast<char>(std::tolower(byte));
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> ngrams_of(const std::string& text) {
  std::vector<std::string> grams;
  for (const auto& word : words_of(text)) {
    const std::string bounded = "<" + word + ">";
    for (std::size_t size = 3; size <= 5; ++size)
      for (std::size_t i = 0; i + size <= bounded.size(); ++i) grams.push_back(bounded.substr(i, size));
  }
  return grams;
}

/// Vectors of all texts of a data set, by one function of a text.
EvalVectors of_texts(const EvalData& data, const std::function<Values(const std::string&)>& vector_of) {
  EvalVectors made;
  for (const auto& one : data.memories) {
    const auto& memory = common(one.memory);
    made.memories.emplace(memory.id, vector_of(memory.content));
  }
  for (const auto& query : data.queries) made.queries.emplace(query.id, vector_of(query.text));
  for (auto* all : {&made.memories, &made.queries})
    for (auto& [id, values] : *all) to_unit_length(values);
  made.dimensions = made.memories.empty() ? 0 : made.memories.begin()->second.size();
  return made;
}

TermTable table_of(const EvalData& data, std::vector<std::string> (*terms_of)(const std::string&)) {
  TermTable table;
  for (const auto& one : data.memories) table.add(terms_of(common(one.memory).content));
  return table;
}

EvalVectors by_ngrams(const EvalData& data) {
  const TermTable table = table_of(data, ngrams_of);
  Directions directions;
  return of_texts(data, [&](const std::string& text) {
    Values values(dimensions);
    for (const auto& gram : ngrams_of(text)) add(values, directions.of(gram), table.rarity(gram));
    return values;
  });
}

/// Random indexing (Kanerva, Kristofersson, Holst 2000): a word is the sum of the directions of its
/// neighbours.
EvalVectors by_cooccurrence(const EvalData& data) {
  const TermTable table = table_of(data, words_of);
  Directions directions;
  std::unordered_map<std::string, Values> contexts;
  constexpr std::size_t reach = 4;
  for (const auto& one : data.memories) {
    const auto words = words_of(common(one.memory).content);
    for (std::size_t i = 0; i < words.size(); ++i) {
      auto& context = contexts.try_emplace(words[i], dimensions).first->second;
      for (std::size_t j = i < reach ? 0 : i - reach; j < std::min(words.size(), i + reach + 1); ++j)
        add(context, directions.of(words[j]), table.rarity(words[j]) * (i == j ? 2 : 1));
    }
  }
  for (auto& [word, context] : contexts) to_unit_length(context);
  return of_texts(data, [&](const std::string& text) {
    Values values(dimensions);
    for (const auto& word : words_of(text))
      if (const auto found = contexts.find(word); found != contexts.end())
        add(values, found->second, table.rarity(word));
    return values;
  });
}

EvalVectors by_latent_semantics(const EvalData& data) {
  const LatentSemantics model(table_of(data, words_of));
  return of_texts(data, [&](const std::string& text) { return model.vector_of(words_of(text)); });
}

enum class Errors { random, sessions, texts };

/// Vectors that know the answers. `strength`: of the answer beside noise of length 1.
EvalVectors by_judgements(const EvalData& data, double strength, Errors errors) {
  EvalVectors misled;
  if (errors == Errors::texts) {
    misled = by_latent_semantics(data);
  } else {
    misled.dimensions = dimensions;
    Directions sessions;
    for (const auto& one : data.memories) {
      const auto& memory = common(one.memory);
      misled.memories.emplace(memory.id, sessions.of(one.ns + " " + memory.session));
    }
    for (const auto& query : data.queries) {
      Values values(dimensions);
      for (const auto& id : query.relevant)
        if (const auto found = misled.memories.find(id); found != misled.memories.end())
          add(values, found->second, 1);
      to_unit_length(values);
      misled.queries.emplace(query.id, std::move(values));
    }
  }
  // What is right in the first numbers, what misleads behind them.
  const double share = errors == Errors::random ? 0 : errors == Errors::sessions ? 1 : 0.7;
  EvalVectors made;
  made.dimensions = dimensions + misled.dimensions;
  const auto joined = [&](Values first, const Values& second) {
    first.resize(made.dimensions);
    for (std::size_t i = 0; i < second.size(); ++i)
      first[dimensions + i] = static_cast<float>(share) * second[i];
    return first;
  };
  for (const auto& [id, behind] : misled.memories)
    made.memories.emplace(id, joined(direction("memory " + id), behind));
  for (const auto& query : data.queries) {
    Values answer(dimensions);
    for (const auto& id : query.relevant) add(answer, direction("memory " + id), 1);
    to_unit_length(answer);
    // A model is not equally sure of every question.
    const double luck = std::exp(6 * static_cast<double>(direction("luck " + query.id)[0]));
    Values values = direction("noise " + query.id);
    for (auto& value : values) value *= errors == Errors::random ? 1.0f : 0.5f;
    add(values, answer, strength * luck);
    made.queries.emplace(query.id, joined(std::move(values), misled.queries.at(query.id)));
  }
  return made;
}

using Kinds = std::vector<std::pair<std::string, std::function<EvalVectors(const EvalData&)>>>;

const Kinds& kinds() {
  static const Kinds all = [] {
    Kinds made{
        {"random",
         [](const auto& data) { return of_texts(data, [](const auto& text) { return direction(text); }); }},
        {"ngrams", by_ngrams},
        {"cooccurrence", by_cooccurrence},
        {"lsa", by_latent_semantics}};
    for (const auto& [errors, suffix] :
         {std::pair(Errors::random, ""), std::pair(Errors::sessions, "-sessions"),
          std::pair(Errors::texts, "-texts")})
      for (const auto& [strength, name] : {std::pair(0.16, "useful"), std::pair(0.26, "equal"),
                                           std::pair(0.42, "better"), std::pair(0.8, "best")})
        made.emplace_back(std::string(name) + suffix, [how = strength, where = errors](const auto& data) {
          return by_judgements(data, how, where);
        });
    return made;
  }();
  return all;
}

}  // namespace

const std::vector<std::string>& vector_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (const auto& [name, make] : kinds()) made.push_back(name);
    return made;
  }();
  return names;
}

EvalVectors made_vectors(const std::string& kind, const EvalData& data) {
  for (const auto& [name, make] : kinds())
    if (name == kind) return make(data);
  throw Error(errc::invalid_argument, fmt::format("no vectors of the kind '{}'", kind));
}

EvalVectors read_vectors(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(errc::invalid_argument, path + " cannot be read");
  EvalVectors read;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    const bool is_query = parsed.is_object() && parsed.contains("query");
    try {
      auto values = parsed.at("vector").get<Values>();
      if (read.dimensions == 0) read.dimensions = values.size();
      if (values.empty() || values.size() != read.dimensions)
        throw Error(errc::invalid_argument,
                    fmt::format("{} numbers, not {}", values.size(), read.dimensions));
      (is_query ? read.queries : read.memories)
          .emplace(parsed.at(is_query ? "query" : "memory").get<std::string>(), std::move(values));
    } catch (const std::exception& error) {
      throw Error(errc::invalid_argument, fmt::format("{}, line {}: {}", path, number, error.what()));
    }
  }
  return read;
}

}  // namespace comem::bench
