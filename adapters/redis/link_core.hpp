#pragma once
// The inside of Link: coroutines that move bytes for LinkMachine, and the two queues of requests. Private to
// link.cpp, link_core.cpp and link_requests.cpp.

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <set>

#include "adapters/redis/link.hpp"
#include "adapters/redis/transport.hpp"

namespace comem::redis {

/// Something to send, and who waits for what it brings.
struct Pending {
  enum class Kind { request, greeting, ping, subscribe };

  Pending(Kind k, std::string b, std::size_t replies) : kind(k), bytes(std::move(b)), missing(replies) {}

  Kind kind;
  std::string bytes;
  std::size_t missing;      // replies still to come
  std::string seal;         // what the last of them must say; empty for anything
  std::size_t charged = 0;  // bytes it counts for in the bound of the queue
  Reply reply;
  bool finished = false;
  std::optional<boost::asio::steady_timer> done;  // of a request: its deadline, cancelled when it is finished
};

class LinkCore : public std::enable_shared_from_this<LinkCore> {
 public:
  LinkCore(boost::asio::any_io_executor executor, LinkOptions options);

  void start();
  boost::asio::awaitable<Reply> request(Request request);
  void subscribe(std::string channel);
  void learn(const Value& info);
  void drop(std::string reason);
  void end();
  void forget_callbacks();
  boost::asio::awaitable<void> join();
  bool up() const noexcept {
    return machine_.phase() == LinkMachine::Phase::up && transport_ && !transport_->closed();
  }
  const LinkMachine& machine() const noexcept { return machine_; }
  const LinkOptions& options() const noexcept { return options_; }

 private:
  using Timer = boost::asio::steady_timer;
  using PendingPtr = std::shared_ptr<Pending>;
  using TransportPtr = std::shared_ptr<Transport>;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> serve(TransportPtr transport);
  boost::asio::awaitable<void> read(TransportPtr transport);
  boost::asio::awaitable<void> write(TransportPtr transport);
  boost::asio::awaitable<void> watch(TransportPtr transport);
  boost::asio::awaitable<void> pause();
  boost::asio::awaitable<void> wait(Timer& event);
  void spawn(boost::asio::awaitable<void> task);

  std::string full(std::size_t bytes) const;
  void expire(const PendingPtr& pending);
  void leave(const PendingPtr& pending);
  void withdraw(const PendingPtr& pending);
  void urge(Pending::Kind kind, std::string bytes, std::size_t replies);
  void urge_subscribe(const std::string& channel);
  PendingPtr next_to_send();
  void fill(std::string& piece);
  void on_value(Value value);
  bool fits(const Pending& pending, const Value& value) const;
  bool keeps_seal(Pending& pending) const;
  void on_push(const Value& push);
  void on_greeting(const Value& value);
  void finish(const PendingPtr& pending, Reply::Outcome outcome, const std::string& reason);
  void fail_in_flight(const std::string& reason);
  void tell(LinkState state, const std::string& reason);
  void on_alive();
  void owe(PendingPtr pending);
  void settle();

  boost::asio::any_io_executor executor_;
  LinkOptions options_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  LinkMachine machine_;
  std::set<std::string> channels_;

  std::deque<PendingPtr> urgent_;     // our own commands, sent before requests
  std::deque<PendingPtr> queued_;     // requests of which nothing was sent
  std::deque<PendingPtr> in_flight_;  // in the order in which replies will come
  PendingPtr sending_;                // the one of which a part was sent
  std::size_t sent_ = 0;              // that part
  std::size_t requests_ = 0, bytes_ = 0;

  TransportPtr transport_;
  std::string ping_word_;  // what our PINGs are answered with, on this connection and by nothing else
  std::string drop_reason_;
  Timer writable_, watch_, backoff_, joined_;
  std::size_t tasks_ = 0;
  bool running_ = false, ending_ = false;
};

}  // namespace comem::redis
