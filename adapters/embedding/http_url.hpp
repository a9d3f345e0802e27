#pragma once
// Where an embedding service is, from a URL: http://host[:port][/path] or https://...

#include <comem/options.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace comem::embedding {

struct HttpUrl {
  HttpUrl() = default;

  /// The URL without its parameters, which may be secret: fit for logs and statistics.
  std::string shown() const;
  /// What the Host header says.
  std::string authority() const;

  bool tls = false;
  std::string host;  ///< a name or a numeric address, without brackets
  std::uint16_t port = 80;
  std::string path = "/";  ///< percent-encoded as it was given
  std::string parameters;  ///< with their '?', or empty
};

/// Throws Error(invalid_argument) that says what is wrong with the option embedding_url; it shows no secrets.
HttpUrl parse_http_url(std::string_view url);

/// The address that requests of `api` go to. `url` may be empty (the usual place of the service), a base
/// ("https://api.openai.com/v1", "http://localhost:11434"), or the whole address. Throws as parse_http_url().
HttpUrl endpoint_of(EmbeddingApi api, std::string_view url);

}  // namespace comem::embedding
