#pragma once
// A link to one Redis or Valkey server: a general, bounded request interface that says of every request what
// became of it, and push messages beside it. It reconnects by itself for as long as it runs.
//
// One connection carries commands and, with RESP3, subscriptions. Replies are matched to requests in order;
// when a request times out, or what arrives is no RESP, the connection is closed and never reused, so no
// caller can get another caller's reply.
//
// Executor: everything runs on the one handed in, which must be a single thread or a strand; all functions
// belong to it. Lifetime: a handle; destroying it without stop() ends the link too, but does not wait for
// that.

#include <comem/clock.hpp>
#include <comem/log.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/link_machine.hpp"
#include "adapters/redis/resp.hpp"
#include "adapters/redis/url.hpp"

namespace comem::redis {

/// One or more commands that travel together (a pipeline, no transaction).
class Request {
 public:
  Request() = default;

  Request& add(const std::vector<std::string_view>& words) {
    append_command(bytes_, words);
    ++commands_;
    return *this;
  }
  /// From the call of request() to the last reply. Zero: the link's default.
  Request& within(Milliseconds value) {
    timeout_ = value;
    return *this;
  }

  /// How long the caller waits. Where this is less than the time of the request, the caller is answered
  /// (maybe_executed) and the connection kept; the reply is dropped when it comes. Zero: as long as it takes.
  Request& patience(Milliseconds value) {
    patience_ = value;
    return *this;
  }
  /// Ends the request with an ECHO that must bring `nonce` back. Where something else comes in its place, a
  /// reply was lost, doubled or another's: the connection is given up and nothing of it believed
  /// (maybe_executed, no values). Its own reply is not among the values. To be called last.
  Request& sealed(std::string nonce) {
    append_command(bytes_, {"ECHO", nonce});
    seal_ = std::move(nonce);
    return *this;
  }

  std::size_t commands() const noexcept { return commands_; }
  const std::string& bytes() const noexcept { return bytes_; }
  Milliseconds timeout() const noexcept { return timeout_; }

 private:
  friend class LinkCore;
  std::string bytes_;
  std::size_t commands_ = 0;
  std::string seal_;
  Milliseconds timeout_{0}, patience_{0};
};

struct Reply {
  Reply() = default;
  enum class Outcome {
    not_sent,        ///< nothing of it left this process
    maybe_executed,  ///< at least a part was sent and not everything answered; repeat only what is idempotent
    answered,        ///< every command has its reply, be it an error reply
  };
  Outcome outcome = Outcome::not_sent;
  std::vector<Value> values;  ///< in the order of the commands; when maybe_executed, those that were answered
  std::string reason;         ///< why it was not answered, in words
  std::string server;         ///< who answered: LinkMachine::identity() when the last reply came
};

enum class LinkState {
  up,
  suspect,  ///< up, but an answer is overdue
  down,
};

class LinkOptions {
 public:
  LinkOptions() = default;

  Address address;
  std::string ca_file;  ///< for rediss://; empty: the certificates of the system
  LinkTimes times;
  Milliseconds request_timeout{5000};
  std::size_t max_requests = 4096;      ///< that wait or are in flight
  std::size_t max_bytes = 64u << 20;    ///< of these
  std::size_t piece_bytes = 16u << 10;  ///< written at a time; larger pieces run in lock-step with the server
  RespLimits limits;
  std::uint64_t seed = 0;  ///< of the jitter; zero: random
  /// The state of the link changed. Both are called on the executor, never from within a function of the
  /// link.
  std::function<void(LinkState state, const std::string& reason)> on_state;
  /// A push message: its first item names its kind. It must not block.
  std::function<void(const Value& push)> on_push;
};

class LinkCore;

class Link {
 public:
  /// Throws Error(invalid_argument) for a certificate file that cannot be read.
  Link(boost::asio::any_io_executor executor, LinkOptions options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Begins to connect. Requests made before wait for the connection within their time.
  void start();
  /// Never throws but for cancellation. A cancelled request that was sent is still executed, its reply
  /// dropped.
  boost::asio::awaitable<Reply> request(Request request);
  /// Messages of this channel are wanted on this connection and all to come. Off without RESP3.
  void subscribe(std::string channel);
  /// Takes in what INFO replication said since the greeting, so that identity() is of now. An error reply
  /// (not allowed) changes nothing.
  void learn(const Value& info);
  /// Gives the connection up and makes a new one, for a server that answers but cannot serve.
  void reconnect(std::string reason);
  /// Ends and joins everything; requests that wait are answered at once.
  boost::asio::awaitable<void> stop();

  bool up() const noexcept;
  const LinkMachine& machine() const noexcept;
  std::string endpoint() const;

 private:
  std::shared_ptr<LinkCore> core_;
};

}  // namespace comem::redis
