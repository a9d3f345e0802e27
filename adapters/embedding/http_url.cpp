#include "adapters/embedding/http_url.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace comem::embedding {
namespace {

[[noreturn]] void reject(std::string_view what) {
  throw Error(errc::invalid_argument,
              fmt::format("embedding_url {}; use http://host:port/path or https://host/path", what));
}

bool plausible(std::string_view text, std::string_view forbidden) {
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return c > 0x20 && c < 0x7f && forbidden.find(static_cast<char>(c)) == std::string_view::npos;
  });
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (text.empty() || error != std::errc{} || end != last || port == 0)
    reject("has a port that is no number from 1 to 65535");
  return port;
}

void parse_authority(std::string_view text, HttpUrl& url) {
  if (text.find('@') != std::string_view::npos)
    reject("holds a user or password; give the key in embedding_api_key");
  std::string_view after;
  if (!text.empty() && text[0] == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) reject("has an IPv6 address without its closing bracket");
    url.host = text.substr(1, end - 1);
    after = text.substr(end + 1);
    if (url.host.find(':') == std::string::npos ||
        url.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos)
      reject("has brackets around what is no IPv6 address");
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    url.host = text.substr(0, colon);
    after = text.substr(colon);
    if (!plausible(url.host, "[]\\\"<>%^`{|}")) reject("has a host with characters that no host has");
  }
  if (url.host.empty()) reject("names no host");
  if (after.empty()) return;
  if (after[0] != ':') reject("has text between the IPv6 address and the port");
  url.port = parse_port(after.substr(1));
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::string HttpUrl::authority() const {
  const bool bracket = host.find(':') != std::string::npos;
  const std::string name = bracket ? "[" + host + "]" : host;
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::string HttpUrl::shown() const {
  return fmt::format("{}://{}{}", tls ? "https" : "http", authority(), path);
}

HttpUrl parse_http_url(std::string_view url) {
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) reject("has no scheme");
  std::string scheme(url.substr(0, colon));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (scheme != "http" && scheme != "https") reject("has a scheme that is neither http nor https");
  HttpUrl parsed;
  parsed.tls = scheme == "https";
  parsed.port = parsed.tls ? 443 : 80;
  const auto rest = url.substr(colon + 3);
  const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
  parse_authority(rest.substr(0, slash), parsed);
  const auto tail = rest.substr(slash);
  if (tail.find('#') != std::string_view::npos) reject("has a fragment ('#'), which no server is sent");
  if (!plausible(tail, "\"<>\\^`{|}")) reject("has characters in its path that must be percent-encoded");
  const auto question = std::min(tail.find('?'), tail.size());
  parsed.path = tail.substr(0, question);
  if (parsed.path.empty()) parsed.path = "/";
  parsed.parameters = tail.substr(question);
  return parsed;
}

HttpUrl endpoint_of(EmbeddingApi api, std::string_view url) {
  const bool ollama = api == EmbeddingApi::ollama;
  if (url.empty()) url = ollama ? "http://localhost:11434" : "https://api.openai.com/v1";
  HttpUrl endpoint = parse_http_url(url);
  if (ends_with(endpoint.path, ollama ? "/api/embed" : "/embeddings")) return endpoint;
  while (ends_with(endpoint.path, "/")) endpoint.path.pop_back();
  if (ollama) {
    endpoint.path += ends_with(endpoint.path, "/api") ? "/embed" : "/api/embed";
  } else {
    endpoint.path += endpoint.path.empty() ? "/v1/embeddings" : "/embeddings";
  }
  return endpoint;
}

}  // namespace comem::embedding
