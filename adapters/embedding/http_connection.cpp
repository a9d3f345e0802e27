#include "adapters/embedding/http_connection.hpp"

#include <comem/error.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace comem::embedding {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using Code = boost::system::error_code;

class TlsTrust::Impl {
 public:
  Impl() : context(ssl::context::tls_client) {}
  ssl::context context;
};

TlsTrust::TlsTrust(const std::string& ca_file) : impl_(std::make_unique<Impl>()) {
  auto& context = impl_->context;
  Code error;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  if (ca_file.empty())
    context.set_default_verify_paths(error);
  else
    context.load_verify_file(ca_file, error);
  if (error)
    throw Error(
        errc::invalid_argument,
        fmt::format("embedding_ca_file '{}' holds no certificates that can be read ({}); give a PEM file",
                    ca_file, error.message()));
  context.set_verify_mode(ssl::verify_peer);
}

TlsTrust::~TlsTrust() = default;

namespace {

constexpr std::size_t read_at_once = 64 << 10;

using Parser = http::response_parser<http::string_body>;

/// A name lookup that may outlive its connection: getaddrinfo cannot be cancelled, so nobody waits for it
/// beyond the deadline.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  bool answered = false;
  Code error;
  std::vector<tcp::endpoint> endpoints;
};

enum class Stage { lookup, connect, tls, send, receive };

std::string words_of(Stage stage, const Code& error) {
  if (error == beast::error::timeout) {
    switch (stage) {
      case Stage::lookup:
        return "the name of its host was not looked up in time; check the network, or give an address";
      case Stage::connect:
        return "no connection in time; check embedding_url and the network";
      default:
        return "no answer in time; it may be overloaded, or loading the model";
    }
  }
  switch (stage) {
    case Stage::lookup:
      return fmt::format("its host is not found ({}); check embedding_url", error.message());
    case Stage::connect:
      return fmt::format("no connection ({}); start the service, or correct embedding_url", error.message());
    case Stage::tls:
      return fmt::format(
          "no TLS ({}); use http:// where it has none, or name its authority in embedding_ca_file",
          error.message());
    case Stage::send:
      return fmt::format("the request could not be sent ({})", error.message());
    case Stage::receive:
      break;
  }
  if (error == http::error::body_limit) return "its answer is too long; check embedding_url";
  if (error == http::error::end_of_stream) return "it closed the connection without an answer";
  if (error == http::error::partial_message) return "its answer was cut off";
  if (error.category() == http::make_error_code(http::error::bad_version).category())
    return fmt::format("its answer is no HTTP ({}); check embedding_url", error.message());
  return fmt::format("the connection was lost ({})", error.message());
}

/// Whether another try may do better.
bool may_pass(Stage stage, const Code& error) {
  if (stage == Stage::tls) return error == beast::error::timeout;
  if (stage != Stage::receive) return true;
  return error.category() != http::make_error_code(http::error::bad_version).category() ||
         error == http::error::end_of_stream || error == http::error::partial_message;
}

std::string text_of(const HttpUrl& url, HttpRequest given) {
  http::request<http::string_body> request(http::verb::post, url.path + url.parameters, 11);
  request.set(http::field::host, url.authority());
  request.set(http::field::user_agent, "comem");
  request.set(http::field::content_type, "application/json");
  request.set(http::field::accept, "application/json");
  if (!given.api_key.empty()) request.set(http::field::authorization, "Bearer " + given.api_key);
  request.body() = std::move(given.body);
  request.prepare_payload();
  std::ostringstream head;
  head << request.base();
  return std::move(head).str() + request.body();
}

}  // namespace

class HttpConnection::Impl {
 public:
  Impl(asio::any_io_executor executor, HttpUrl url, std::shared_ptr<TlsTrust> trust)
      : executor_(std::move(executor)), url_(std::move(url)), trust_(std::move(trust)) {}

  asio::awaitable<HttpAnswer> post(HttpRequest given, SteadyTime deadline);
  bool open() const noexcept { return open_; }

 private:
  asio::awaitable<Code> resolve(SteadyTime deadline);
  asio::awaitable<Code> connect(SteadyTime deadline);
  asio::awaitable<Code> shake_hands();
  asio::awaitable<Code> send(std::string_view text);
  asio::awaitable<Code> receive(Parser& parser);
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer place, Code& error);
  asio::awaitable<std::size_t> write_some(asio::const_buffer bytes, Code& error);
  beast::tcp_stream& stream() { return tls_ ? tls_->next_layer() : *plain_; }

  asio::any_io_executor executor_;
  HttpUrl url_;
  std::shared_ptr<TlsTrust> trust_;
  std::vector<tcp::endpoint> endpoints_;
  std::optional<beast::tcp_stream> plain_;
  std::optional<ssl::stream<beast::tcp_stream>> tls_;
  beast::flat_buffer buffer_;
  Stage stage_ = Stage::lookup;
  bool open_ = false;
};

asio::awaitable<Code> HttpConnection::Impl::resolve(SteadyTime deadline) {
  stage_ = Stage::lookup;
  endpoints_.clear();
  Code numeric;
  const auto ip = asio::ip::make_address(url_.host, numeric);
  if (!numeric) {
    endpoints_.emplace_back(ip, url_.port);
    co_return Code();
  }
  auto lookup = std::make_shared<Lookup>(executor_);
  lookup->done.expires_at(deadline);
  auto finish = [lookup](const Code& error, tcp::resolver::results_type results) {
    lookup->answered = true;
    lookup->error = error;
    for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
    lookup->done.cancel();
  };
  lookup->resolver.async_resolve(url_.host, std::to_string(url_.port), std::move(finish));
  Code ignored;
  co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!lookup->answered) {
    lookup->resolver.cancel();
    co_return beast::error::timeout;
  }
  endpoints_ = lookup->endpoints;
  co_return lookup->error;
}

asio::awaitable<Code> HttpConnection::Impl::connect(SteadyTime deadline) {
  Code error = co_await resolve(deadline);
  if (error) co_return error;
  stage_ = Stage::connect;
  tls_.reset();
  plain_.reset();
  buffer_.clear();
  if (url_.tls)
    tls_.emplace(executor_, trust_->impl().context);
  else
    plain_.emplace(executor_);
  stream().expires_at(deadline);
  error = asio::error::host_unreachable;
  for (const auto& endpoint : endpoints_) {
    co_await stream().async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error || error == beast::error::timeout) break;
  }
  if (error) co_return error;
  Code ignored;
  stream().socket().set_option(tcp::no_delay(true), ignored);
  if (!url_.tls) co_return error;
  error = co_await shake_hands();
  co_return error;
}

asio::awaitable<Code> HttpConnection::Impl::shake_hands() {
  stage_ = Stage::tls;
  tls_->set_verify_callback(ssl::host_name_verification(url_.host));
  Code numeric;  // an address is no server name (RFC 6066, section 3)
  asio::ip::make_address(url_.host, numeric);
  if (numeric) SSL_set_tlsext_host_name(tls_->native_handle(), url_.host.c_str());
  Code error;
  co_await tls_->async_handshake(ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

// Beast parses, but does not read and write: its operations would be compiled for both kinds of stream, which
// took half of the time of this module.
asio::awaitable<std::size_t> HttpConnection::Impl::read_some(asio::mutable_buffer place, Code& error) {
  std::size_t size = 0;
  if (tls_)
    size = co_await tls_->async_read_some(place, asio::redirect_error(asio::use_awaitable, error));
  else
    size = co_await plain_->async_read_some(place, asio::redirect_error(asio::use_awaitable, error));
  co_return size;
}

asio::awaitable<std::size_t> HttpConnection::Impl::write_some(asio::const_buffer bytes, Code& error) {
  std::size_t size = 0;
  if (tls_)
    size = co_await tls_->async_write_some(bytes, asio::redirect_error(asio::use_awaitable, error));
  else
    size = co_await plain_->async_write_some(bytes, asio::redirect_error(asio::use_awaitable, error));
  co_return size;
}

asio::awaitable<Code> HttpConnection::Impl::send(std::string_view text) {
  stage_ = Stage::send;
  Code error;
  while (!text.empty() && !error) {
    const std::size_t size = co_await write_some(asio::buffer(text), error);
    text.remove_prefix(size);
  }
  co_return error;
}

asio::awaitable<Code> HttpConnection::Impl::receive(Parser& parser) {
  stage_ = Stage::receive;
  parser.eager(true);
  Code error;
  for (;;) {
    if (buffer_.size() > 0) {
      buffer_.consume(parser.put(buffer_.data(), error));
      if (error == http::error::need_more) error = Code();
      if (error || parser.is_done()) co_return error;
    }
    const std::size_t size = co_await read_some(buffer_.prepare(read_at_once), error);
    if (error == asio::error::eof) break;
    if (error) co_return error;
    buffer_.commit(size);
  }
  if (!parser.got_some()) co_return http::error::end_of_stream;
  error = Code();
  parser.put_eof(error);  // it may be how the answer ends
  co_return error;
}

asio::awaitable<HttpAnswer> HttpConnection::Impl::post(HttpRequest given, SteadyTime deadline) {
  HttpAnswer answer;
  const bool reused = open_;
  Parser parser;
  parser.body_limit(given.most_bytes);
  const std::string request = text_of(url_, std::move(given));
  Code error;
  if (reused)
    stream().expires_at(deadline);
  else
    error = co_await connect(deadline);
  open_ = false;  // until the answer is whole
  if (!error) error = co_await send(request);
  if (!error) error = co_await receive(parser);
  if (error) {
    answer.attempt.trouble = words_of(stage_, error);
    answer.attempt.retriable = may_pass(stage_, error);
    answer.stale = reused && error != beast::error::timeout && !parser.got_some();
    if (plain_ || tls_) stream().close();
    co_return answer;
  }
  stream().expires_never();
  answer.attempt.status = parser.get().result_int();
  answer.attempt.retry_after = std::string(parser.get()[http::field::retry_after]);
  open_ = parser.get().keep_alive();
  answer.body = std::move(parser.get().body());
  co_return answer;
}

HttpConnection::HttpConnection(asio::any_io_executor executor, HttpUrl url, std::shared_ptr<TlsTrust> trust)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(url), std::move(trust))) {}

HttpConnection::~HttpConnection() = default;

asio::awaitable<HttpAnswer> HttpConnection::post(HttpRequest request, SteadyTime deadline) {
  return impl_->post(std::move(request), deadline);
}

bool HttpConnection::reusable() const noexcept {
  return impl_->open();
}

}  // namespace comem::embedding
