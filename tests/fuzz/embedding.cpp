// What embedding services answer (adapters/embedding/bodies.hpp) and how they may be asked for patience and
// found (retry.hpp, http_url.hpp). Byte 0 says what the rest is; of replies it also says of which service,
// and byte 1 how many vectors were asked for.

#include <cmath>
#include <string>
#include <vector>

#include "adapters/embedding/bodies.hpp"
#include "adapters/embedding/http_url.hpp"
#include "adapters/embedding/retry.hpp"
#include "property.hpp"

namespace comem::fuzz {
namespace {

using namespace embedding;

void check_reply(EmbeddingApi api, std::size_t count, std::string_view body) {
  std::string problem;
  const auto vectors = parse_body(api, body, count, problem);
  require(vectors.empty() == !problem.empty(), "a reply is read, or it is said what is wrong");
  if (vectors.empty()) {
    require(problem.size() < 200, "a problem is short");
    return;
  }
  require(vectors.size() == count, "there are as many vectors as texts");
  for (const auto& vector : vectors) {
    require(!vector.empty() && vector.size() <= most_dimensions, "a vector has a length, and a bounded one");
    require(vector.size() == vectors.front().size(), "all vectors are equally long");
    for (const float value : vector) require(std::isfinite(value), "all numbers are finite");
  }
}

void check_request(std::string_view text) {
  BodyOptions options;
  options.model = std::string(text.substr(0, 8));
  options.prefix = std::string(text.substr(0, text.size() / 2));
  const std::vector<std::string> texts{std::string(text)};
  for (const auto api : {EmbeddingApi::openai, EmbeddingApi::ollama}) {
    options.api = api;
    const auto body = make_body(options, texts);
    require(!body.empty() && body.front() == '{' && body.back() == '}', "any bytes make a request");
  }
}

void check_retry(Input input) {
  Attempt attempt;
  attempt.status = input.byte() << 8 | input.byte();
  attempt.retriable = input.byte() % 2 != 0;
  attempt.retry_after = std::string(input.rest());
  const Milliseconds left(60'000);
  for (unsigned number = 1; number <= most_attempts; ++number) {
    const auto verdict = judge(attempt, number, left, 0.5, "service");
    require((verdict.outcome == EmbeddingOutcome::ok) == verdict.reason.empty(), "what failed has a reason");
    require(verdict.outcome != EmbeddingOutcome::ok || attempt.status == 200, "only 200 is well");
    if (!verdict.pause) continue;
    require(number < most_attempts, "tries are bounded");
    require(
        *verdict.pause > Milliseconds(0) && *verdict.pause <= longest_retry_after && *verdict.pause < left,
        "a pause is bounded");
  }
}

void check_url(std::string_view text) {
  for (const auto api : {EmbeddingApi::openai, EmbeddingApi::ollama}) {
    HttpUrl url;
    if (!accepts([&] { url = endpoint_of(api, text); }, {errc::invalid_argument})) continue;
    require(!url.host.empty() && url.port != 0, "an address names host and port");
    require(url.path.starts_with("/"), "a path begins with a slash");
    const auto line = url.path + url.parameters + url.authority();
    require(line.find_first_of(" \r\n") == std::string::npos, "an address fits on a request's line");
    const auto again = endpoint_of(api, url.shown() + url.parameters);
    require(again.shown() == url.shown() && again.parameters == url.parameters,
            "an address can be read again");
  }
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem;
  using namespace comem::fuzz;
  Input input(data, size);
  const unsigned kind = input.byte();
  switch (kind) {
    case 'q':
      check_request(input.rest());
      break;
    case 'r':
      check_retry(input);
      break;
    case 'u':
      check_url(input.rest());
      break;
    default:
      const std::size_t count = input.byte() % 5;
      check_reply(kind % 2 == 0 ? EmbeddingApi::openai : EmbeddingApi::ollama, count == 0 ? 1 : count,
                  input.rest());
      break;
  }
  return 0;
}
