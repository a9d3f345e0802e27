#include "benchmarks/eval_data.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "memory/jsonl.hpp"

namespace comem::bench {
namespace {

std::ifstream opened(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(errc::invalid_argument, path + " cannot be read");
  return file;
}

}  // namespace

EvalData read_eval_data(const std::string& directory) {
  EvalData data;
  const std::string path = directory + "/memories.jsonl";
  auto memories = opened(path);
  for (std::string line; std::getline(memories, line);) {
    try {
      auto parsed = memory::parse_line(line);
      data.memories.push_back({std::move(parsed.ns), std::move(parsed.memory)});
    } catch (const Error& error) {
      fmt::print(stderr, "comem-eval: {}: {}\n", path, error.what());
    }
  }
  auto queries = opened(directory + "/queries.jsonl");
  for (std::string line; std::getline(queries, line);) {
    const auto query = nlohmann::json::parse(line);
    data.queries.push_back({query.at("id").get<std::string>(), query.at("ns").get<std::string>(),
                            query.at("query").get<std::string>(),
                            query.value("relevant", std::vector<std::string>())});
  }
  return data;
}

}  // namespace comem::bench
