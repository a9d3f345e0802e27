#pragma once
// A TCP proxy between a client and a server that a test breaks in every way a network, a host or a lying
// server can break, while connections live, and heals again.

#include <comem/clock.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/reply_filter.hpp"

namespace comem::testing {

/// What befalls the bytes that travel one way, on each connection by itself.
struct WayFaults {
  WayFaults() = default;

  enum class Event {
    reset,   ///< RST to the client; the server's side is closed
    cut,     ///< an orderly end (FIN) to the client; the server's side is closed
    inject,  ///< `garbage` comes between, once
  };

  bool swallow = false;  ///< taken and lost, and no end of the connection is passed on
  std::optional<std::size_t>
      at{};  ///< bytes that pass, from set() or the connection's beginning on, until `event`
  Event event = Event::reset;
  std::string garbage;
  std::size_t drip_bytes = 0;  ///< this many at a time; zero: as they come
  Milliseconds pause{0};       ///< after each of these
  Milliseconds latency{0};     ///< before each piece that was read (64 KB or less)
};

/// A plan for all connections, living and to come.
struct Faults {
  Faults() = default;

  bool refuse = false;  ///< the port is closed, and living connections are reset
  bool hold = false;    ///< connections are accepted, nothing moves; heal() lets go what was held
  WayFaults requests, replies;
  Judge judge;  ///< of each reply, where the server speaks RESP; runs on the proxy's thread

  static Faults refused();
  static Faults black_hole();
  /// The peer is gone and says nothing of it.
  static Faults half_open();
  static Faults requests_swallowed();
  static Faults replies_swallowed();
  static Faults reset_requests_at(std::size_t bytes);
  static Faults reset_replies_at(std::size_t bytes);
  static Faults cut_replies_at(std::size_t bytes);
  static Faults garbage_in_replies_at(std::size_t bytes, std::string garbage);
  static Faults drip(std::size_t bytes, Milliseconds pause);
  static Faults latency(Milliseconds each_way);
  static Faults judged(Judge judge);
};

/// All functions may be called from any thread.
class FaultProxy {
 public:
  /// Listens on a loopback port of its own, which stays its own while it refuses; connects to `server_port`
  /// for each client. Everything passes until set().
  explicit FaultProxy(int server_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const noexcept;
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port()); }

  /// In force when it returns. Connections that have lost bytes to `swallow` are reset by a plan that
  /// swallows no longer: what comes next would be the middle of something.
  void set(Faults faults);
  void heal() { set({}); }

  std::size_t accepted() const noexcept;  ///< connections since the beginning
  std::size_t live() const noexcept;      ///< of these, those not closed yet

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace comem::testing
