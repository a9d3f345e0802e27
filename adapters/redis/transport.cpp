#include "adapters/redis/transport.hpp"

#include <comem/error.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

namespace comem::redis {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::error_code plain(const boost::system::error_code& error) {
  return std::error_code(error);
}

}  // namespace

std::shared_ptr<asio::ssl::context> make_tls(const std::string& ca_file) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1);
  if (ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(ca_file, error);
  if (error)
    throw Error(errc::invalid_argument,
                fmt::format("redis_ca_file '{}' holds no certificates that can be read ({}); give a PEM file",
                            ca_file, error.message()));
  context->set_verify_mode(asio::ssl::verify_peer);
  return context;
}

/// A name lookup that outlives its transport: getaddrinfo cannot be cancelled, so nobody waits for it after
/// close().
struct Transport::Lookup {
  explicit Lookup(const executor_type& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  bool answered = false;
  boost::system::error_code error;
  tcp::resolver::results_type results;
};

Transport::Transport(executor_type executor, Address address, std::shared_ptr<asio::ssl::context> tls)
    : executor_(std::move(executor)),
      address_(std::move(address)),
      tls_context_(std::move(tls)),
      socket_(executor_) {}

asio::awaitable<std::error_code> Transport::resolve(std::vector<Endpoint>& out) {
  if (address_.kind == Address::Kind::unix_socket) {
    out.emplace_back(asio::local::stream_protocol::endpoint(address_.path));
    co_return std::error_code{};
  }
  boost::system::error_code numeric;
  const auto ip = asio::ip::make_address(address_.host, numeric);
  if (!numeric) {
    out.emplace_back(tcp::endpoint(ip, address_.port));
    co_return std::error_code{};
  }
  auto lookup = std::make_shared<Lookup>(executor_);
  lookup_ = lookup;
  lookup->done.expires_at(asio::steady_timer::time_point::max());
  auto finish = [lookup](const boost::system::error_code& error, tcp::resolver::results_type results) {
    lookup->answered = true;
    lookup->error = error;
    lookup->results = std::move(results);
    lookup->done.cancel();
  };
  lookup->resolver.async_resolve(address_.host, fmt::format("{}", address_.port), std::move(finish));
  boost::system::error_code ignored;
  co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!lookup->answered) co_return std::make_error_code(std::errc::operation_canceled);
  for (const auto& entry : lookup->results) out.emplace_back(entry.endpoint());
  co_return plain(lookup->error);
}

asio::awaitable<std::error_code> Transport::connect_to(Endpoint endpoint) {
  boost::system::error_code error;
  socket_.close(error);
  error.clear();
  co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return plain(error);
  if (address_.kind != Address::Kind::unix_socket) {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  }
  co_return std::error_code{};
}

asio::awaitable<std::error_code> Transport::shake_hands() {
  stage_ = Stage::tls;
  tls_.emplace(socket_, *tls_context_);
  tls_->set_verify_callback(asio::ssl::host_name_verification(address_.host));
  // A numeric address is no server name (RFC 6066, section 3).
  boost::system::error_code numeric;
  asio::ip::make_address(address_.host, numeric);
  if (numeric) SSL_set_tlsext_host_name(tls_->native_handle(), address_.host.c_str());
  boost::system::error_code error;
  co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                 asio::redirect_error(asio::use_awaitable, error));
  co_return plain(error);
}

asio::awaitable<std::error_code> Transport::connect() {
  std::vector<Endpoint> endpoints;
  auto error = co_await resolve(endpoints);
  if (error) co_return error;
  stage_ = Stage::connect;
  error = std::make_error_code(std::errc::host_unreachable);
  for (const auto& endpoint : endpoints) {
    if (closed_) co_return std::make_error_code(std::errc::operation_canceled);
    error = co_await connect_to(endpoint);
    if (!error) break;
  }
  if (!error && closed_) co_return std::make_error_code(std::errc::operation_canceled);
  if (!error && tls_context_) error = co_await shake_hands();
  if (!error) stage_ = Stage::exchange;
  co_return error;
}

asio::awaitable<std::size_t> Transport::read_some(asio::mutable_buffer buffer, std::error_code& error) {
  boost::system::error_code failed;
  std::size_t size = 0;
  if (tls_)
    size = co_await tls_->async_read_some(buffer, asio::redirect_error(asio::use_awaitable, failed));
  else
    size = co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, failed));
  error = plain(failed);
  co_return size;
}

asio::awaitable<std::size_t> Transport::write_some(asio::const_buffer buffer, std::error_code& error) {
  boost::system::error_code failed;
  std::size_t size = 0;
  if (tls_)
    size = co_await tls_->async_write_some(buffer, asio::redirect_error(asio::use_awaitable, failed));
  else
    size = co_await socket_.async_write_some(buffer, asio::redirect_error(asio::use_awaitable, failed));
  error = plain(failed);
  co_return size;
}

void Transport::close() noexcept {
  closed_ = true;
  if (lookup_) {
    lookup_->resolver.cancel();
    lookup_->done.cancel();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace comem::redis
