#include "tests/support/fault_proxy.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/fault_proxy_connection.hpp"
#include "tests/support/redis_server.hpp"

namespace comem::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

// ---- Plans

Faults Faults::refused() {
  Faults out;
  out.refuse = true;
  return out;
}

Faults Faults::black_hole() {
  Faults out;
  out.hold = true;
  return out;
}

Faults Faults::half_open() {
  Faults out;
  out.requests.swallow = out.replies.swallow = true;
  return out;
}

Faults Faults::requests_swallowed() {
  Faults out;
  out.requests.swallow = true;
  return out;
}

Faults Faults::replies_swallowed() {
  Faults out;
  out.replies.swallow = true;
  return out;
}

Faults Faults::reset_requests_at(std::size_t bytes) {
  Faults out;
  out.requests.at = bytes;
  return out;
}

Faults Faults::reset_replies_at(std::size_t bytes) {
  Faults out;
  out.replies.at = bytes;
  return out;
}

Faults Faults::cut_replies_at(std::size_t bytes) {
  Faults out;
  out.replies.at = bytes;
  out.replies.event = WayFaults::Event::cut;
  return out;
}

Faults Faults::garbage_in_replies_at(std::size_t bytes, std::string garbage) {
  Faults out;
  out.replies.at = bytes;
  out.replies.event = WayFaults::Event::inject;
  out.replies.garbage = std::move(garbage);
  return out;
}

Faults Faults::drip(std::size_t bytes, Milliseconds pause) {
  Faults out;
  out.requests.drip_bytes = out.replies.drip_bytes = bytes;
  out.requests.pause = out.replies.pause = pause;
  return out;
}

Faults Faults::latency(Milliseconds each_way) {
  Faults out;
  out.requests.latency = out.replies.latency = each_way;
  return out;
}

Faults Faults::judged(Judge judge) {
  Faults out;
  out.judge = std::move(judge);
  return out;
}

// ---- The proxy

class FaultProxy::Core {
 public:
  explicit Core(int server_port) : acceptor_(loop_), plan_changed_(loop_), server_port_(server_port) {
    plan_changed_.expires_at(asio::steady_timer::time_point::max());
    listen_on_a_port_of_its_own();
    auto task = accept();
    asio::co_spawn(loop_, std::move(task), [](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);
    });
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~Core() {
    on_thread([this] {
      stopping_ = true;
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      plan_changed_.cancel();
      for_each_connection([](ProxiedConnection& connection) { connection.close(true); });
    });
    thread_.join();
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void set(Faults faults) {
    on_thread([&] {
      const bool refused = std::exchange(faults_, std::move(faults)).refuse;
      // The port is bound all the while, so that nobody else gets it.
      if (faults_.refuse && !refused) ::shutdown(acceptor_.native_handle(), SHUT_RD);
      if (!faults_.refuse && refused) acceptor_.listen();
      plan_changed_.cancel();
      for_each_connection([](ProxiedConnection& connection) { connection.replanned(); });
    });
  }

  int port() const noexcept { return port_; }
  std::size_t accepted() const noexcept { return accepted_; }
  std::size_t live() const noexcept { return live_; }

 private:
  void listen_on_a_port_of_its_own() {
    acceptor_.open(tcp::v4());
    acceptor_.set_option(
        tcp::acceptor::reuse_address(true));  // connections that still end must not hinder listen()
    // A port chosen by bind(0) would be given back while nobody listens. Another process may be quicker.
    boost::system::error_code error;
    for (int attempt = 0; attempt < 20; ++attempt) {
      port_ = free_port();
      acceptor_.bind({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port_)}, error);
      if (error) continue;
      acceptor_.listen();
      return;
    }
    throw std::runtime_error("no free port for the proxy");
  }

  void on_thread(std::function<void()> work) {
    std::promise<void> done;
    asio::post(loop_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  asio::awaitable<void> accept() {
    while (!stopping_) {
      auto connection = std::make_shared<ProxiedConnection>(loop_, faults_, live_);
      boost::system::error_code error;
      co_await acceptor_.async_accept(connection->client(), asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        ++accepted_;
        std::erase_if(connections_, [](const auto& known) { return known.expired(); });
        connections_.push_back(connection);
        connection->start(server_port_);
      } else if (!stopping_ && faults_.refuse) {
        boost::system::error_code ignored;
        co_await plan_changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      }
    }
  }

  template <class Function>
  void for_each_connection(Function function) {
    for (const auto& known : connections_)
      if (const auto connection = known.lock()) function(*connection);
  }

  asio::io_context loop_;
  tcp::acceptor acceptor_;
  asio::steady_timer plan_changed_;
  const int server_port_;
  int port_ = 0;
  Faults faults_;
  std::vector<std::weak_ptr<ProxiedConnection>> connections_;
  std::atomic<std::size_t> accepted_{0}, live_{0};
  bool stopping_ = false;
  std::thread thread_;
};

FaultProxy::FaultProxy(int server_port) : core_(std::make_unique<Core>(server_port)) {}
FaultProxy::~FaultProxy() = default;

int FaultProxy::port() const noexcept {
  return core_->port();
}
void FaultProxy::set(Faults faults) {
  core_->set(std::move(faults));
}
std::size_t FaultProxy::accepted() const noexcept {
  return core_->accepted();
}
std::size_t FaultProxy::live() const noexcept {
  return core_->live();
}

}  // namespace comem::testing
