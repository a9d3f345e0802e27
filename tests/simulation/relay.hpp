#pragma once
// The relay port over the simulated network: connects, reconnects, sends requests and gives them up after a
// while.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/answer.hpp"
#include "storage/relay.hpp"
#include "tests/simulation/network.hpp"

namespace comem::simulation {

class SimulatedRelay final : public storage::Relay {
 public:
  SimulatedRelay(Timeline& timeline, const Loop& loop, Network& network, std::size_t host, const Clock& clock,
                 Milliseconds timeout, Ablation ablation);
  ~SimulatedRelay() override;

  void start(storage::RelayListener& listener) override;
  void watch(const std::string& ns) override { watched_.insert(ns); }
  boost::asio::awaitable<storage::PushReply> push(std::string ns, std::vector<Record> records) override;
  boost::asio::awaitable<storage::PullReply> pull(std::string ns, storage::Position after,
                                                  std::size_t limit) override;
  boost::asio::awaitable<storage::DigestPage> digest(std::string ns, storage::Position after,
                                                     TimePoint now) override;
  boost::asio::awaitable<storage::HeadPage> heads(std::string ns, storage::Position after, TimePoint now,
                                                  DigestBuckets wanted) override;
  boost::asio::awaitable<storage::PullReply> fetch(std::string ns, std::vector<RecordKey> keys) override;
  boost::asio::awaitable<bool> replicated(std::string ns, std::string epoch, unsigned replicas,
                                          Milliseconds within) override;
  boost::asio::awaitable<std::vector<Finding>> diagnose() override;
  boost::asio::awaitable<void> stop() override;
  RelayStats stats() const override { return {}; }
  RelayState state() const noexcept override { return state_; }

  // ---- Called by the network
  std::size_t host() const noexcept { return host_; }
  std::weak_ptr<Loop*> life() const noexcept { return loop_.life(); }
  /// Names this relay; its place in memory may be another one's later.
  std::uint64_t number() const noexcept { return number_; }
  /// 0: none.
  std::uint64_t connection() const noexcept { return connection_; }
  bool listens_to(const std::string& ns) const { return connection_ != 0 && watched_.count(ns) != 0; }
  void hinted(std::uint64_t connection, const std::string& ns, storage::Hint hint);
  /// The connection broke, if it is still this one.
  void lose(std::uint64_t connection, const std::string& reason);

  /// A push was answered; with `cut`, only for some records, and then the connection broke.
  void pushed(std::uint64_t connection, std::uint64_t id, storage::PushReply reply, bool cut);
  /// Any other request was answered.
  void answered(std::uint64_t connection, std::uint64_t id, const Action& take);
  SteadyTime& last_heard() noexcept { return last_heard_; }

  /// The number of the oldest request that waits for its reply; beyond requests() when none does.
  std::uint64_t oldest_request() const noexcept {
    return pending_.empty() ? requests_ + 1 : pending_.begin()->first;
  }
  std::uint64_t requests() const noexcept { return requests_; }

 private:
  struct Pending {
    bool is_push = false;
    bool sent = true;
    storage::PushReply push;
    std::optional<Answer> answer;
  };
  struct Submit;

  void attempt();
  void connected();
  void set_state(RelayState state, const std::string& reason);
  bool send_push(std::uint64_t id, std::vector<Record> records);
  /// Asks the server and waits for its reply; a default one when there is none.
  template <class Reply>
  boost::asio::awaitable<Reply> ask(std::function<Reply(Server&)> question);
  void finish(std::uint64_t id);
  void expect_reply(std::uint64_t id);
  bool wants_pull(const std::string& ns, const storage::Position& after);
  storage::Position past_the_gap(const std::string& ns, storage::Position after);
  boost::asio::awaitable<void> wait(std::shared_ptr<Pending> pending);

  Timeline& timeline_;
  const Loop& loop_;
  Network& network_;
  const std::size_t host_;
  const Clock& clock_;
  const Milliseconds timeout_;
  const Ablation ablation_;
  const std::uint64_t number_;
  storage::RelayListener* listener_ = nullptr;
  std::set<std::string> watched_;
  RelayState state_ = RelayState::connecting;
  std::uint64_t connection_ = 0;
  std::string run_id_;  // of the server that this connection reached
  SteadyTime connected_at_{};
  SteadyTime last_sent_{};
  SteadyTime last_heard_{};
  Milliseconds back_off_{50};
  std::map<std::uint64_t, std::shared_ptr<Pending>> pending_;
  std::uint64_t requests_ = 0;
  std::set<std::string> pull_wanted_;                    // ablation: no heartbeat
  std::map<std::string, storage::Position> hint_met_;    // ablation: gap ignored
  std::map<std::string, storage::Position> carried_to_;  // ablation: message is truth
};

}  // namespace comem::simulation
