#pragma once
// A relay without a server: the Relay port on maps, for tests of what stands on it. Several relays share one
// MemoryServer, as processes share one Redis; the server can be down, lose everything and drop hints.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "storage/relay.hpp"

namespace comem::testing {

class MemoryRelay;

/// Used on one thread, as its relays are.
class MemoryServer {
 public:
  MemoryServer() = default;

  /// Every relay loses its link, or gets it back.
  void set_down(bool down, const std::string& reason = "connection refused");
  bool down() const noexcept { return down_; }
  /// As after FLUSHALL: records, sequences and epochs are gone, the links stay.
  void lose_everything();
  /// Puts everything back to what save() answered: the stale fail-over. The epoch tells, as a new run id
  /// does.
  struct Space;
  using Spaces = std::map<std::string, Space>;
  Spaces save() const { return spaces_; }
  void restore(const Spaces& saved);

  void drop_hints(bool drop) noexcept { drop_hints_ = drop; }
  /// Every relay that watches the namespace is told this, true or not.
  void tell(const std::string& ns, const storage::Hint& hint);
  /// The next n pushes are applied, but answered `unknown`: the reply was lost.
  void lose_replies(std::size_t n) noexcept { lost_replies_ = n; }
  /// Takes one record out, as an operator's DEL or an eviction does.
  void lose(const RecordKey& key);
  /// Loses the record, but remembers that it changed, as when Redis evicts its value.
  void evict(const RecordKey& key);
  /// Changes a value behind everybody's back.
  void corrupt(const RecordKey& key, const std::string& value);
  /// Records whose id is in here are refused.
  std::set<std::string> refused_ids;
  /// How many replicas hold everything.
  unsigned replicas = 0;

  std::size_t records(const std::string& ns) const;
  const Record* find(const RecordKey& key) const;
  std::size_t pushes() const noexcept { return pushes_; }
  std::size_t pulls() const noexcept { return pulls_; }

  struct Entry {
    Entry() = default;
    Record record;
    std::uint64_t seq = 0;
    bool gone = false;    // evicted
    bool wanted = false;  // and somebody has missed it
  };
  struct Space {
    Space() = default;
    std::string epoch;
    std::uint64_t seq = 0;
    std::map<std::pair<MemoryType, std::string>, Entry> entries;
  };

 private:
  friend class MemoryRelay;
  Space& space(const std::string& ns);
  /// `written`: the record as it was pushed is what the server holds now.
  storage::PushStatus apply(const Record& record, bool& merged, bool& written);
  void publish(const std::string& ns, const std::vector<Record>& carried = {});
  /// True for what was evicted; whoever misses it first makes it a change that all stores hear of.
  bool ask_for(const RecordKey& key);
  /// Up to `limit` entries after a position, in the order of sequence, and how far they reach.
  std::vector<const Entry*> page(const std::string& ns, const storage::Position& after, std::size_t limit,
                                 storage::Position& reached, bool& more);

  Spaces spaces_;
  std::set<MemoryRelay*> relays_;
  std::string down_reason_;
  bool down_ = false, drop_hints_ = false;
  std::size_t lost_replies_ = 0, pushes_ = 0, pulls_ = 0;
  inline static std::atomic<std::uint64_t> epochs_{0};  // no two servers share one
};

class MemoryRelay : public storage::Relay {
 public:
  MemoryRelay(std::shared_ptr<MemoryServer> server, boost::asio::any_io_executor executor);
  ~MemoryRelay() override;

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
  RelayState state() const noexcept override;

 private:
  friend class MemoryServer;
  /// Why nothing can be asked; empty when it can.
  std::string unusable() const;
  void tell_state();
  void tell_hint(const std::string& ns, const storage::Hint& hint);

  std::shared_ptr<MemoryServer> server_;
  boost::asio::any_io_executor executor_;
  /// Posted calls look here for the listener, so that none comes after stop().
  std::shared_ptr<storage::RelayListener*> listener_;
  std::set<std::string> watched_;
  std::uint64_t pushed_ = 0, pulled_ = 0;
};

}  // namespace comem::testing
