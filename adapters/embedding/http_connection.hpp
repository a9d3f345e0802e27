#pragma once
// One HTTP/1.1 connection over TCP or TLS: a POST at a time, kept open between them. It knows nothing of
// embeddings, and alone (with its .cpp) includes Beast.

#include <comem/clock.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>

#include "adapters/embedding/http_url.hpp"
#include "adapters/embedding/retry.hpp"

namespace comem::embedding {

/// Certificates to trust. Constructed once, shared by connections.
class TlsTrust {
 public:
  /// Of a PEM file, or of the system when `ca_file` is empty. Throws Error(invalid_argument).
  explicit TlsTrust(const std::string& ca_file);
  ~TlsTrust();
  class Impl;
  Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

class HttpRequest {
 public:
  HttpRequest(std::string body_, std::string api_key_)
      : body(std::move(body_)), api_key(std::move(api_key_)) {}
  std::string body;                                ///< JSON
  std::string api_key;                             ///< empty: none is sent
  std::size_t most_bytes = std::size_t{64} << 20;  ///< of the answer; a longer one is no answer
};

struct HttpAnswer {
  HttpAnswer() = default;
  Attempt attempt;
  std::string body;
  bool stale = false;  ///< the connection had been used before and was closed meanwhile: nothing was answered
};

/// For one thread or strand, one post() at a time.
class HttpConnection {
 public:
  /// `trust` is used, and must be given, where the URL is https.
  HttpConnection(boost::asio::any_io_executor executor, HttpUrl url, std::shared_ptr<TlsTrust> trust);
  ~HttpConnection();

  /// Connects where needed, sends, and takes the answer. Throws nothing but what a cancelled coroutine does.
  boost::asio::awaitable<HttpAnswer> post(HttpRequest request, SteadyTime deadline);
  /// Whether the next post() may use the connection again.
  bool reusable() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comem::embedding
