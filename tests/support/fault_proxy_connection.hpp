#pragma once
// One client of a FaultProxy and its connection to the server. Private to fault_proxy.cpp and
// fault_proxy_connection.cpp; everything runs on the proxy's thread.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <memory>
#include <string>

#include "tests/support/fault_proxy.hpp"

namespace comem::testing {

class ProxiedConnection : public std::enable_shared_from_this<ProxiedConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// `faults` is read whenever bytes move; `live` is counted up and, at the end, down.
  ProxiedConnection(boost::asio::io_context& loop, const Faults& faults, std::atomic<std::size_t>& live);
  ~ProxiedConnection();
  ProxiedConnection(const ProxiedConnection&) = delete;
  ProxiedConnection& operator=(const ProxiedConnection&) = delete;

  Socket& client() noexcept { return requests_.from; }
  /// Connects to the server and begins to carry bytes.
  void start(int server_port);
  /// The plan has changed.
  void replanned();
  /// Ends both sides: the client's with RST, or in order.
  void close(bool reset);

 private:
  using Bytes = std::string;

  /// One way that bytes travel: where they come from, and what has happened to them.
  struct Way {
    Way(boost::asio::io_context& loop, const WayFaults& (*of)(const Faults&))
        : from(loop), change(loop), plan(of) {}
    Socket from;
    boost::asio::steady_timer change;  // cancelled by a new plan
    const WayFaults& (*plan)(const Faults&);
    std::size_t passed = 0;  // since the plan came into force
    bool happened = false;   // the event of the plan
    bool lost = false;       // bytes were swallowed
  };

  const WayFaults& plan(const Way& way) const { return way.plan(faults_); }
  Socket& target_of(Way& way) { return &way == &requests_ ? replies_.from : requests_.from; }

  /// Ends what the client hears in order, and the server's side.
  void cut();
  boost::asio::awaitable<void> connect(int server_port);
  boost::asio::awaitable<void> carry(Way* way);
  boost::asio::awaitable<void> deliver(Way* way, Bytes bytes);
  boost::asio::awaitable<void> happen(Way* way);
  boost::asio::awaitable<bool> put(Way* way, Bytes bytes);
  boost::asio::awaitable<void> while_held(Way* way);
  boost::asio::awaitable<void> pause(Way* way, Milliseconds time);
  void spawn(boost::asio::awaitable<void> task);

  boost::asio::io_context& loop_;
  const Faults& faults_;
  std::atomic<std::size_t>& live_;
  Way requests_, replies_;
  ReplyFilter filter_;
  bool cut_ = false, closed_ = false;
};

}  // namespace comem::testing
