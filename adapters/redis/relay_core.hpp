#pragma once
// The inside of the relay on Redis. Private to redis_relay.cpp (life, state, push) and relay_pages.cpp (what
// is asked of the change log).

#include <comem/options.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "adapters/redis/keys.hpp"
#include "adapters/redis/link.hpp"
#include "adapters/redis/replies.hpp"
#include "adapters/redis/scripts.hpp"
#include "storage/relay.hpp"

namespace comem::redis {

class RedisRelay final : public storage::Relay {
 public:
  RedisRelay(const Options& options, boost::asio::any_io_executor executor);

  void start(storage::RelayListener& listener) override;
  void watch(const std::string& ns) override;
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
  RelayStats stats() const override;
  RelayState state() const noexcept override { return state_; }

 private:
  using Clock = std::chrono::steady_clock;

  /// What became of a question about the change log.
  struct Answer {
    Answer() = default;
    std::string reason;  ///< why there is none, in words; empty when there is
    Value value;
    std::string server;  ///< who answered
    Value info;          ///< INFO replication, just after it
  };
  /// Appends the command of a question: `within` is the position within this server's log, and the answer
  /// must repeat the nonce.
  using Ask = std::function<void(Request&, const storage::Position& within, const std::string& nonce)>;

  LinkOptions with_callbacks(LinkOptions options);
  void on_state(LinkState link, const std::string& reason);
  void on_push(const Value& push);
  void set_state(RelayState state, const std::string& reason);
  std::string unusable() const;
  Milliseconds left(SteadyTime deadline) const;
  void refuse(const std::string& error, std::string& reason);
  /// What became of the wish that the server keep a script.
  struct Loading {
    Loading() = default;
    bool refused = false;
    std::string reason;  ///< why it does not, in words; empty when it does
  };
  boost::asio::awaitable<Loading> load(const Script& script, SteadyTime deadline);

  boost::asio::awaitable<void> push_chunk(const Keys& keys, const std::vector<Record>& records,
                                          std::vector<std::size_t> chunk, SteadyTime deadline,
                                          storage::PushReply& out);
  /// The places of the records that each command of a request pushes.
  using Groups = std::vector<std::vector<std::size_t>>;
  void read_push(const Reply& reply, const std::string& nonce, const Groups& groups, storage::PushReply& out,
                 std::vector<std::size_t>& unloaded);
  void take_answer(PushAnswer answer, const std::vector<std::size_t>& group, bool answered,
                   storage::PushReply& out, std::string& reason);

  boost::asio::awaitable<Answer> ask(const Script& script, storage::Position after, Ask command,
                                     SteadyTime deadline);

  const comem::Clock& clock_;
  LogSink log_;
  Milliseconds timeout_;
  storage::RelayListener* listener_ = nullptr;
  std::set<std::string> watched_;
  std::map<std::string, std::string> channels_;  // to their namespace
  std::atomic<RelayState> state_{RelayState::connecting};
  mutable std::mutex mutex_;
  RelayStats stats_;  // guarded by mutex_
  Link link_;
};

}  // namespace comem::redis
