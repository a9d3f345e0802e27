// JSON to and from embedding services.

#include "adapters/embedding/bodies.hpp"

#include <doctest/doctest.h>

namespace comem::embedding {
namespace {

using Vectors = std::vector<std::vector<float>>;

Vectors openai(std::string_view body, std::size_t count) {
  std::string problem;
  auto vectors = parse_body(EmbeddingApi::openai, body, count, problem);
  CHECK(vectors.empty() != problem.empty());
  return vectors;
}

Vectors ollama(std::string_view body, std::size_t count) {
  std::string problem;
  auto vectors = parse_body(EmbeddingApi::ollama, body, count, problem);
  CHECK(vectors.empty() != problem.empty());
  return vectors;
}

TEST_CASE("what a service is asked") {
  BodyOptions options;
  options.model = "m";
  options.prefix = "query: ";
  const std::vector<std::string> texts{"a \"b\"", "\xff"};
  CHECK(make_body(options, texts) == R"({"encoding_format":"float","input":["query: a \"b\"","query: )"
                                     "\xEF\xBF\xBD"
                                     R"("],"model":"m"})");
  options.api = EmbeddingApi::ollama;
  options.dimensions = 8;
  options.prefix.clear();
  CHECK(make_body(options, std::vector<std::string>{"a"}) ==
        R"({"dimensions":8,"input":["a"],"model":"m","truncate":true})");
}

TEST_CASE("vectors come back in the order of the texts") {
  CHECK(openai(R"({"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2.5]}]})", 2) ==
        Vectors{{1, 2.5}, {3, 4}});
  CHECK(openai(R"({"data":[{"embedding":[1]},{"embedding":[2]}]})", 2) == Vectors{{1}, {2}});
  CHECK(ollama(R"({"model":"m","embeddings":[[1,-2e-3],[0,0]]})", 2) == Vectors{{1, -2e-3f}, {0, 0}});
}

TEST_CASE("anything else is no answer") {
  for (const auto* body :
       {"", "nonsense", "[]", "{}", R"({"data":{}})", R"({"data":[]})", R"({"data":[1]})",
        R"({"data":[{"index":0}]})", R"({"data":[{"index":1,"embedding":[1]}]})",
        R"({"data":[{"index":-1,"embedding":[1]}]})", R"({"data":[{"index":"0","embedding":[1]}]})",
        R"({"data":[{"embedding":[]}]})", R"({"data":[{"embedding":["1"]}]})",
        R"({"data":[{"embedding":[1e300]}]})", R"({"data":[{"embedding":[null]}]})",
        R"({"data":[{"embedding":"AAAA"}]})", R"({"data":[{"embedding":[1]},{"embedding":[2]}]})"}) {
    CAPTURE(body);
    CHECK(openai(body, 1).empty());
  }
  CHECK(openai(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]})", 2).empty());
  CHECK(openai(R"({"data":[{"embedding":[1]},{"embedding":[1,2]}]})", 2).empty());
  CHECK(ollama(R"({"embeddings":[[1],[1,2]]})", 2).empty());
  CHECK(ollama(R"({"embeddings":[[1]]})", 2).empty());
  CHECK(ollama(R"({"embeddings":[1]})", 1).empty());
  CHECK(ollama(std::string(100'000, '['), 1).empty());
}

}  // namespace
}  // namespace comem::embedding
