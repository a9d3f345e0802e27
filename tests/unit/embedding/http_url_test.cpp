#include "adapters/embedding/http_url.hpp"

#include <comem/error.hpp>

#include <doctest/doctest.h>

namespace comem::embedding {
namespace {

std::string at(EmbeddingApi api, std::string_view url) {
  return endpoint_of(api, url).shown();
}

TEST_CASE("a base, a whole address or nothing name the same place") {
  for (const auto* url :
       {"http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/", "HTTP://h:1/v1/embeddings"})
    CHECK(at(EmbeddingApi::openai, url) == "http://h:1/v1/embeddings");
  for (const auto* url : {"http://h:1", "http://h:1/", "http://h:1/api", "http://h:1/api/embed"})
    CHECK(at(EmbeddingApi::ollama, url) == "http://h:1/api/embed");
  CHECK(at(EmbeddingApi::openai, "") == "https://api.openai.com/v1/embeddings");
  CHECK(at(EmbeddingApi::ollama, "") == "http://localhost:11434/api/embed");
  CHECK(at(EmbeddingApi::openai, "https://[::1]:8443/x") == "https://[::1]:8443/x/embeddings");
}

TEST_CASE("parameters are kept but not shown") {
  const auto url = endpoint_of(EmbeddingApi::openai, "https://h/v1/embeddings?api-key=secret");
  CHECK(url.parameters == "?api-key=secret");
  CHECK(url.shown() == "https://h/v1/embeddings");
  CHECK(url.port == 443);
  CHECK(url.authority() == "h");
}

TEST_CASE("what is no address is refused without being repeated") {
  for (const auto* url : {"h", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:99999",
                          "http://h:x", "http://u:pass@h", "http://[::1", "http://[zz]", "http://[::1]x",
                          "http://h/a b", "http://h/#f", "http://h\r\nX: y", "http://h/\r\nX: y"}) {
    CAPTURE(url);
    try {
      endpoint_of(EmbeddingApi::openai, url);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == errc::invalid_argument);
      CHECK(std::string(error.what()).find("embedding_url") == 0);
      CHECK(std::string(error.what()).find("pass@") == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace comem::embedding
