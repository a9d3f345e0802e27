#pragma once
// What is said to an embedding service and what it answers, as JSON. Pure: no I/O.

#include <comem/embedding.hpp>
#include <comem/options.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace comem::embedding {

struct BodyOptions {
  BodyOptions() = default;
  EmbeddingApi api = EmbeddingApi::openai;
  std::string model;
  std::size_t dimensions = 0;  ///< 0: what the model gives
  std::string prefix;          ///< before every text
};

/// No vector is longer than this; a longer one is no answer.
inline constexpr std::size_t most_dimensions = 65'536;

/// The body of a request for the vectors of `texts`. Bytes that are no UTF-8 are replaced.
std::string make_body(const BodyOptions& options, std::span<const std::string> texts);

/// The vectors of a reply with status 200, in the order of the texts: `count` of them, all of one length, all
/// numbers finite. Empty, with what is wrong in `problem`, for anything else. Takes any bytes. `problem`
/// holds nothing of the reply.
std::vector<std::vector<float>> parse_body(EmbeddingApi api, std::string_view body, std::size_t count,
                                           std::string& problem);

}  // namespace comem::embedding
