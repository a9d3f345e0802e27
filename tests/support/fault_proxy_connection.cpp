#include "tests/support/fault_proxy_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace comem::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t piece_bytes = 64u << 10;

const WayFaults& of_requests(const Faults& faults) {
  return faults.requests;
}
const WayFaults& of_replies(const Faults& faults) {
  return faults.replies;
}

}  // namespace

ProxiedConnection::ProxiedConnection(asio::io_context& loop, const Faults& faults,
                                     std::atomic<std::size_t>& live)
    : loop_(loop), faults_(faults), live_(live), requests_(loop, of_requests), replies_(loop, of_replies) {}

ProxiedConnection::~ProxiedConnection() {
  close(false);
}

void ProxiedConnection::spawn(asio::awaitable<void> task) {
  asio::co_spawn(loop_, std::move(task), [self = shared_from_this()](const std::exception_ptr& failed) {
    if (failed) std::rethrow_exception(failed);  // a judge that throws: the test must not go on
  });
}

void ProxiedConnection::start(int server_port) {
  ++live_;
  if (faults_.refuse) return close(true);  // it had come before the port was closed
  boost::system::error_code ignored;
  requests_.from.set_option(tcp::no_delay(true), ignored);
  spawn(connect(server_port));
}

void ProxiedConnection::replanned() {
  for (Way* way : {&requests_, &replies_}) {
    if (way->lost && !plan(*way).swallow) return close(true);
    way->passed = 0;
    way->happened = false;
    way->change.cancel();
  }
  if (faults_.refuse) close(true);
}

void ProxiedConnection::cut() {
  cut_ = true;
  boost::system::error_code ignored;
  requests_.from.shutdown(tcp::socket::shutdown_send, ignored);
  replies_.from.close(ignored);
}

void ProxiedConnection::close(bool reset) {
  if (std::exchange(closed_, true)) return;
  boost::system::error_code ignored;
  if (reset) requests_.from.set_option(asio::socket_base::linger(true, 0), ignored);
  for (Way* way : {&requests_, &replies_}) {
    const bool open = way->from.is_open();
    if (open && &way->from == &requests_.from) --live_;
    way->from.close(ignored);
    way->change.cancel();
  }
}

asio::awaitable<void> ProxiedConnection::connect(int server_port) {
  co_await while_held(&requests_);
  if (closed_) co_return;
  const tcp::endpoint server(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(server_port));
  boost::system::error_code error;
  co_await replies_.from.async_connect(server, asio::redirect_error(asio::use_awaitable, error));
  if (closed_) co_return;
  if (error) co_return close(true);
  replies_.from.set_option(tcp::no_delay(true), error);
  spawn(carry(&requests_));
  spawn(carry(&replies_));
}

asio::awaitable<void> ProxiedConnection::carry(Way* way) {
  std::string buffer(piece_bytes, '\0');
  while (!closed_) {
    boost::system::error_code error;
    const auto size = co_await way->from.async_read_some(asio::buffer(buffer),
                                                         asio::redirect_error(asio::use_awaitable, error));
    if (closed_) co_return;
    if (error) break;
    Bytes bytes = buffer.substr(0, size);
    if (way == &replies_) bytes = filter_.pass(bytes, faults_.judge);
    if (plan(*way).latency > Milliseconds{0}) co_await pause(way, plan(*way).latency);
    co_await deliver(way, std::move(bytes));
  }
  if (cut_ && way == &replies_)
    co_return;  // the client is read on: unread bytes would turn its FIN into a RST
  // Of a peer that is unreachable nobody hears that it has gone.
  while (!closed_ && (faults_.hold || plan(*way).swallow)) co_await pause(way, Milliseconds::max());
  close(false);
}

asio::awaitable<void> ProxiedConnection::deliver(Way* way, Bytes bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    co_await while_held(way);
    if (closed_) co_return;
    const WayFaults& faults = plan(*way);
    if (faults.swallow) {
      way->lost = true;
      co_return;
    }
    std::size_t size = bytes.size() - done;
    if (faults.drip_bytes > 0) size = std::min(size, faults.drip_bytes);
    const bool awaited = faults.at && !way->happened;
    if (awaited) size = std::min(size, *faults.at - std::min(*faults.at, way->passed));
    const Milliseconds pause_after = faults.pause;
    Bytes part = bytes.substr(done, size);
    const bool sent = co_await put(way, std::move(part));
    if (!sent) co_return;
    done += size;
    const bool due = plan(*way).at && !way->happened && way->passed >= *plan(*way).at;
    if (due) co_await happen(way);
    if (!due && pause_after > Milliseconds{0}) co_await pause(way, pause_after);
  }
}

asio::awaitable<void> ProxiedConnection::happen(Way* way) {
  way->happened = true;
  switch (plan(*way).event) {
    case WayFaults::Event::reset:
      close(true);
      break;
    case WayFaults::Event::cut:
      cut();
      break;
    case WayFaults::Event::inject:
      Bytes garbage = plan(*way).garbage;
      co_await put(way, std::move(garbage));
      break;
  }
}

asio::awaitable<bool> ProxiedConnection::put(Way* way, Bytes bytes) {
  boost::system::error_code error;
  way->passed += bytes.size();  // before a new plan may begin to count anew
  co_await asio::async_write(target_of(*way), asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, error));
  // When the server does not take it, what it had said before is still on its way to the client.
  if (error && way == &replies_) close(false);
  co_return !closed_ && !error;
}

asio::awaitable<void> ProxiedConnection::while_held(Way* way) {
  while (!closed_ && faults_.hold) co_await pause(way, Milliseconds::max());
}

asio::awaitable<void> ProxiedConnection::pause(Way* way, Milliseconds time) {
  const auto now = std::chrono::steady_clock::now();
  way->change.expires_at(time == Milliseconds::max() ? asio::steady_timer::time_point::max() : now + time);
  boost::system::error_code ignored;
  co_await way->change.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace comem::testing
