#pragma once
// Keeps one namespace of the store in step with the relay: carries out what the sync machine decides.

#include <comem/log.hpp>
#include <comem/options.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/signal.hpp"
#include "core/task_scope.hpp"
#include "storage/fresh_rows.hpp"
#include "storage/outbox_page.hpp"
#include "storage/relay.hpp"
#include "storage/share_waiters.hpp"
#include "storage/store.hpp"
#include "storage/sync_machine.hpp"
#include "storage/takeover.hpp"

namespace comem::storage {

/// All functions belong to the executor of the relay. References must outlive the scope's tasks.
class NamespaceSync {
 public:
  /// `on_pulled` is called after records from elsewhere were committed, `on_trouble` when the relay begins to
  /// refuse something, with its words, and with an empty text when it does so no longer.
  NamespaceSync(std::string ns, Store& store, Relay& relay, const Options& options, const Clock& clock,
                TaskScope& scope, std::function<void()> on_pulled,
                std::function<void(std::string)> on_trouble);

  /// To be told whenever caught_up() turns another way, and at the start.
  void on_caught_up(std::function<void(bool)> told) { on_caught_up_ = std::move(told); }
  /// Begins; ends when the scope is cancelled.
  void start();

  void link(bool up);
  void hint(Hint hint);
  /// What a commit of this process has put into the outbox, in the order of the commits. Thread-safe, and to
  /// be followed by written().
  void queued(Queued queued) { fresh_.add(std::move(queued)); }
  /// This process has committed writes to the namespace.
  void written(std::size_t rows);

  /// The epoch in which the relay has accepted a committed write before the deadline, or nothing.
  boost::asio::awaitable<std::optional<std::string>> shared(RecordKey key, std::uint64_t change,
                                                            SteadyTime deadline);
  /// Whether Options::replicas hold, before the deadline, all that the relay has accepted in this epoch.
  boost::asio::awaitable<bool> replicated(std::string epoch, SteadyTime deadline);
  /// The epoch of the relay as of the last pull.
  const std::string& epoch() const noexcept { return machine_.position().epoch; }
  /// Whether everything written to the namespace so far, by any process, was accepted before the deadline.
  /// Gives up when only rows are left that the relay has refused; with `while_up`, also as soon as the link
  /// is down.
  boost::asio::awaitable<bool> flushed(SteadyTime deadline, bool while_up);
  /// Whether what the relay held was taken in before the link was known to be down or the deadline passed.
  boost::asio::awaitable<bool> caught_up(SteadyTime deadline);
  /// Values from the relay that were left out because they cannot be read. Thread-safe.
  std::uint64_t skipped() const noexcept { return skipped_.load(std::memory_order_relaxed); }
  /// Wakes everybody who waits, for shutdown.
  void give_up();
  /// Takes out of the outbox what was shared and left there for later. To be called once more when the
  /// scope's tasks have ended, or the next process shares it again.
  boost::asio::awaitable<void> settle();

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> step(SyncStep next);
  boost::asio::awaitable<void> pull();
  boost::asio::awaitable<void> pull_page();
  boost::asio::awaitable<void> push(SyncStep step);
  boost::asio::awaitable<void> take_page(PullReply reply, Position asked, bool away);
  boost::asio::awaitable<void> take_carried();
  /// Commits records from the relay, and what `also` does, while the store goes by this epoch. Answers
  /// whether anything changed.
  boost::asio::awaitable<bool> take(std::vector<Record> records, std::string epoch, WriteFunction also);
  boost::asio::awaitable<void> begin_anew(PullReply reply, bool away);
  /// Whether another process on this file shares through another server, and it is not yet our turn again.
  bool waits_for_other(const Position& stored, const Position& relay);
  void pull_failed();
  void tell_caught_up();
  boost::asio::awaitable<void> note_opening();
  boost::asio::awaitable<void> look_at_others();
  /// Where a page of the outbox begins, how far rows of others are wanted, and in which sweep.
  struct OutboxPlace {
    OutboxPlace(std::uint64_t after_, std::uint64_t others_through_, std::uint64_t restarts_)
        : after(after_), others_through(others_through_), restarts(restarts_) {}
    std::uint64_t after;
    std::uint64_t others_through;
    std::uint64_t restarts;
    friend bool operator==(const OutboxPlace&, const OutboxPlace&) = default;
  };
  /// What a step sends: what was queued just now, or a page of the outbox.
  boost::asio::awaitable<OutboxPage> page_of(SyncStep step, bool sweeping, OutboxPlace place);
  boost::asio::awaitable<OutboxPage> outbox_page(OutboxPlace place, std::size_t limit);
  boost::asio::awaitable<void> send(OutboxPage page, SyncStep step);
  /// Answers whether the relay has refused any.
  bool tell_waiters(const OutboxPage& page, const PushReply& reply);
  void end_push(const OutboxPage& page, const PushReply& reply, SyncStep step, bool refused);
  /// What the relay has answered to a page of the outbox. `reached`: as position_after().
  struct Shared {
    OutboxPage page;
    PushReply reply;
    Position reached;
  };
  /// Takes out of the outbox what the relay has accepted.
  boost::asio::awaitable<void> acknowledge(std::span<const Shared> all);
  void settle_later(Shared shared);
  void report(const std::string& doing, const std::string& why);
  void note_trouble(const std::string& reason);
  /// The relay's position after our own push when nothing else happened there meanwhile, else an empty one.
  Position position_after(const PushReply& reply) const;

  const std::string ns_;
  Store& store_;
  Relay& relay_;
  const Options& options_;
  const Clock& clock_;
  TaskScope& scope_;
  std::function<void()> on_pulled_;
  std::function<void(std::string)> on_trouble_;
  std::function<void(bool)> on_caught_up_;

  SyncMachine machine_;
  Takeover takeover_;
  std::uint64_t others_through_ = 0;  // rows of other processes that the sweep under way sends
  ShareWaiters waiters_;
  Signal changed_;                   // something happened: look again
  std::set<std::uint64_t> refused_;  // changes that the relay has answered with an error
  std::string trouble_;
  bool opened_ = false;  // and knows what was written before
  bool told_caught_up_ = false;
  TimePoint in_step_at_{};        // as stored
  SteadyTime anew_not_before_{};  // while another process moves the position to another server's
  std::atomic<std::uint64_t> skipped_{0};
  FreshRows fresh_;
  std::optional<std::pair<OutboxPlace, OutboxPage>> ahead_;  // read before it is wanted
  std::vector<Hint> carried_;      // came with their records and wait to be committed
  bool taking_ = false;            // somebody does that
  std::size_t acknowledging_ = 0;  // pages that are being taken out of the outbox
  std::vector<Shared> unsettled_;  // to be taken out of it, in the order of their answers
  std::size_t unsettled_rows_ = 0;
  SteadyTime settle_at_ = SteadyTime::max();
  bool settling_ = false;
  std::uint64_t sent_through_ = 0;  // last change of the outbox that was sent since the last sweep began
};

}  // namespace comem::storage
