#include "adapters/embedding/bodies.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace comem::embedding {

using nlohmann::json;

namespace {

using Vector = std::vector<float>;

/// A list of numbers, or what is wrong with it.
bool take_vector(const json& list, Vector& vector, std::string& problem) {
  if (!list.is_array() || list.empty() || list.size() > most_dimensions) {
    problem = "a vector is no list of 1 to 65,536 numbers";
    return false;
  }
  vector.reserve(list.size());
  for (const auto& item : list) {
    if (!item.is_number()) {
      problem = "a vector holds what is no number";
      return false;
    }
    const auto value = item.get<double>();
    if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()))) {
      problem = "a vector holds a number that is out of range";
      return false;
    }
    vector.push_back(static_cast<float>(value));
  }
  return true;
}

/// The place of one entry of OpenAI's "data": its "index", or where none is given its place in the list.
std::optional<std::size_t> place_of(const json& entry, std::size_t usual, std::size_t count) {
  const auto index = entry.find("index");
  if (index == entry.end()) return usual;
  if (!index->is_number_unsigned()) return std::nullopt;
  const auto place = index->get<std::uint64_t>();
  if (place >= count) return std::nullopt;
  return static_cast<std::size_t>(place);
}

bool take_openai(const json& reply, std::vector<Vector>& vectors, std::string& problem) {
  const auto data = reply.find("data");
  if (data == reply.end() || !data->is_array() || data->size() != vectors.size()) {
    problem = fmt::format("its \"data\" is no list of {} entries", vectors.size());
    return false;
  }
  std::size_t usual = 0;
  for (const auto& entry : *data) {
    const auto place = entry.is_object() ? place_of(entry, usual++, vectors.size()) : std::nullopt;
    if (!place || !vectors[*place].empty() || !entry.contains("embedding")) {
      problem = "an entry of its \"data\" has no embedding, or no index of its own";
      return false;
    }
    if (!take_vector(entry["embedding"], vectors[*place], problem)) return false;
  }
  return true;
}

bool take_ollama(const json& reply, std::vector<Vector>& vectors, std::string& problem) {
  const auto list = reply.find("embeddings");
  if (list == reply.end() || !list->is_array() || list->size() != vectors.size()) {
    problem = fmt::format("its \"embeddings\" is no list of {} vectors", vectors.size());
    return false;
  }
  for (std::size_t i = 0; i < vectors.size(); ++i)
    if (!take_vector((*list)[i], vectors[i], problem)) return false;
  return true;
}

bool equally_long(const std::vector<Vector>& vectors) {
  for (const auto& vector : vectors)
    if (vector.size() != vectors.front().size()) return false;
  return true;
}

}  // namespace

std::string make_body(const BodyOptions& options, std::span<const std::string> texts) {
  json input = json::array();
  for (const auto& text : texts) input.push_back(options.prefix + text);
  json body = json::object();
  body["model"] = options.model;
  body["input"] = std::move(input);
  if (options.dimensions != 0) body["dimensions"] = options.dimensions;
  if (options.api == EmbeddingApi::ollama)
    body["truncate"] = true;
  else
    body["encoding_format"] = "float";
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::vector<float>> parse_body(EmbeddingApi api, std::string_view body, std::size_t count,
                                           std::string& problem) {
  const json reply = json::parse(body.begin(), body.end(), nullptr, false);
  if (reply.is_discarded() || !reply.is_object()) {
    problem = "it is no JSON object";
    return {};
  }
  std::vector<Vector> vectors(count);
  const bool taken = api == EmbeddingApi::ollama ? take_ollama(reply, vectors, problem)
                                                 : take_openai(reply, vectors, problem);
  if (!taken) return {};
  if (!equally_long(vectors)) {
    problem = "its vectors differ in length";
    return {};
  }
  return vectors;
}

}  // namespace comem::embedding
