#pragma once
// One connection to a server over TCP, TLS or a Unix socket: connect, read, write, close. It knows nothing of
// Redis.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "adapters/redis/reasons.hpp"
#include "adapters/redis/url.hpp"

namespace comem::redis {

/// For rediss://: verifies the server's certificate against `ca_file`, or the system's certificates when it
/// is empty. Throws Error(invalid_argument) when the file cannot be used.
std::shared_ptr<boost::asio::ssl::context> make_tls(const std::string& ca_file);

/// Used on one strand; one read and one write may run at a time. Kept alive by those who use it (shared_ptr).
class Transport : public std::enable_shared_from_this<Transport> {
 public:
  using executor_type = boost::asio::any_io_executor;
  using Socket = boost::asio::generic::stream_protocol::socket;

  Transport(executor_type executor, Address address, std::shared_ptr<boost::asio::ssl::context> tls);

  /// The first failure, with the stage it happened in; no error when connected. close() ends it at once.
  boost::asio::awaitable<std::error_code> connect();
  Stage stage() const noexcept { return stage_; }

  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer buffer, std::error_code& error);
  boost::asio::awaitable<std::size_t> write_some(boost::asio::const_buffer buffer, std::error_code& error);

  /// Ends whatever runs; harmless twice.
  void close() noexcept;
  bool closed() const noexcept { return closed_; }

 private:
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;
  struct Lookup;

  boost::asio::awaitable<std::error_code> resolve(std::vector<Endpoint>& out);
  boost::asio::awaitable<std::error_code> connect_to(Endpoint endpoint);
  boost::asio::awaitable<std::error_code> shake_hands();

  executor_type executor_;
  Address address_;
  std::shared_ptr<boost::asio::ssl::context> tls_context_;
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  std::shared_ptr<Lookup> lookup_;
  Stage stage_ = Stage::resolve;
  bool closed_ = false;
};

}  // namespace comem::redis
