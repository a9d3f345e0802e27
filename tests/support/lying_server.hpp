#pragma once
// A TCP server that says what a test wants, for links that must not believe everything.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <memory>
#include <string>

namespace comem::testing {

/// Calls `answer` with the bytes that a client just sent, and sends what it answers. Empty: says nothing.
class LyingServer : public std::enable_shared_from_this<LyingServer> {
 public:
  using Answer = std::function<std::string(const std::string& received, int connection)>;

  LyingServer(boost::asio::any_io_executor executor, Answer answer)
      : acceptor_(executor, {boost::asio::ip::address_v4::loopback(), 0}), answer_(std::move(answer)) {}

  int port() const { return acceptor_.local_endpoint().port(); }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port()); }
  int connections() const noexcept { return connections_; }

  void start() {
    auto task = accept(shared_from_this());
    boost::asio::co_spawn(acceptor_.get_executor(), std::move(task), boost::asio::detached);
  }
  void stop() { acceptor_.close(); }

 private:
  using Socket = boost::asio::ip::tcp::socket;

  static boost::asio::awaitable<void> accept(std::shared_ptr<LyingServer> self) {
    for (;;) {
      boost::system::error_code error;
      const auto executor = self->acceptor_.get_executor();
      auto socket = std::make_shared<Socket>(executor);
      co_await self->acceptor_.async_accept(*socket,
                                            boost::asio::redirect_error(boost::asio::use_awaitable, error));
      if (error) co_return;
      auto task = talk(self, socket, ++self->connections_);
      boost::asio::co_spawn(executor, std::move(task), boost::asio::detached);
    }
  }

  static boost::asio::awaitable<void> talk(std::shared_ptr<LyingServer> self, std::shared_ptr<Socket> socket,
                                           int connection) {
    std::string buffer(65536, '\0');
    for (;;) {
      boost::system::error_code error;
      const std::size_t size = co_await socket->async_read_some(
          boost::asio::buffer(buffer), boost::asio::redirect_error(boost::asio::use_awaitable, error));
      if (error) co_return;
      const std::string reply = self->answer_(buffer.substr(0, size), connection);
      co_await boost::asio::async_write(*socket, boost::asio::buffer(reply),
                                        boost::asio::redirect_error(boost::asio::use_awaitable, error));
      if (error) co_return;
    }
  }

  boost::asio::ip::tcp::acceptor acceptor_;
  Answer answer_;
  int connections_ = 0;
};

}  // namespace comem::testing
