#pragma once
// What the adapters of a process share: one store, one link, one service thread, and for each namespace an
// index.

#include <comem/digest.hpp>
#include <comem/options.hpp>
#include <comem/stats.hpp>
#include <comem/subscription.hpp>
#include <comem/write.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/signal.hpp"
#include "core/task_scope.hpp"
#include "storage/access_log.hpp"
#include "storage/embedder.hpp"
#include "storage/feed.hpp"
#include "storage/health_board.hpp"
#include "storage/hot_memories.hpp"
#include "storage/index_view.hpp"
#include "storage/namespace_sync.hpp"
#include "storage/relay.hpp"
#include "storage/store.hpp"
#include "storage/vector_view.hpp"

namespace comem::storage {

/// A record that a write put, and the number of that change.
struct Touched {
  Touched(RecordKey key_, std::uint64_t change_) : key(std::move(key_)), change(change_) {}
  RecordKey key;
  std::uint64_t change;
};
using TouchedList = std::shared_ptr<std::vector<Touched>>;

/// Thread-safe. Its service thread runs sharing, feeds and housekeeping, so that an agent whose own loop is
/// busy still shares; callers are answered on their own executors.
class Engine : private RelayListener {
 public:
  /// Builds on a store and (or nullptr) a relay that belongs to `service`, and (or nullptr) a source of
  /// vectors.
  Engine(Options options, std::unique_ptr<boost::asio::io_context> service, std::unique_ptr<Store> store,
         std::unique_ptr<Relay> relay, std::shared_ptr<EmbeddingProvider> provider = nullptr);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  /// Stops without waiting for Redis; blocks only for a commit under way.
  ~Engine() override;

  Store& store() noexcept { return *store_; }
  const Clock& clock() const noexcept { return *options_.clock; }
  const Options& options() const noexcept { return options_; }
  AccessLog& accesses() noexcept { return accesses_; }
  HotMemories& hot() noexcept { return hot_; }

  /// The index of a namespace; lives as long as the engine. First use also begins to share the namespace.
  IndexView& index(const std::string& ns);
  /// Its vectors, as long-lived; nullptr without a source of vectors. They are refreshed with the index.
  VectorView* vectors(const std::string& ns);
  /// nullptr without a source of vectors.
  Embedder* embedder() noexcept { return embedder_.get(); }

  /// Commits `function`, which lists in `touched` what it put, and waits as long as `level` says.
  boost::asio::awaitable<Outcome> commit(std::string ns, WriteFunction function, Level level,
                                         TouchedList touched);

  boost::asio::awaitable<Subscription> subscribe(std::string ns, std::shared_ptr<ChangeQueue> queue);
  boost::asio::awaitable<bool> flush(std::string ns, Milliseconds deadline, bool while_up);
  boost::asio::awaitable<void> caught_up(std::string ns, Milliseconds deadline);
  /// Writes down the accesses counted so far.
  boost::asio::awaitable<void> save_accesses();
  /// Runs a task on the service thread until it ends or the engine closes. It may hold references to the
  /// engine, but must not own it.
  void spawn(boost::asio::awaitable<void> task);

  /// Compares a namespace with the relay's, or mends a difference (storage/comparison.hpp).
  boost::asio::awaitable<DigestReport> digest(std::string ns);
  boost::asio::awaitable<RepairReport> repair(std::string ns);
  std::shared_ptr<HealthQueue> watch_health() { return health_.watch(); }

  RelayStats relay_stats() const;
  bool relay_up() const noexcept { return relay_ && is_linked(relay_->state()); }
  boost::asio::awaitable<std::vector<Finding>> diagnose();

  /// Ends sharing and feeds, then closes the store. Everything later throws closed.
  boost::asio::awaitable<void> close();

 private:
  static constexpr std::size_t purge_page = 500;  // records a transaction

  /// Everything of one namespace. The sync and the feed belong to the service thread.
  struct Namespace {
    Namespace(const std::string& ns, Engine& engine);
    std::optional<VectorView> vectors;
    IndexView index;
    Feed feed;
    std::optional<NamespaceSync> sync;
    std::atomic<std::size_t> written{0};  // rows committed and not yet told to the service thread
  };

  void on_relay_state(RelayState state, const std::string& reason) override;
  void on_relay_hint(const std::string& ns, Hint hint) override;

  Namespace& of(const std::string& ns);
  void committed(Namespace& space, std::size_t rows);
  /// What a commit has put into the outbox; on the store's thread.
  void queued(std::vector<Queued> all);
  void tell_service(Namespace& space, std::size_t rows);
  /// Runs a part of a caller's call on the service thread; close() waits for those. The caller's execution
  /// context may end meanwhile: the task goes on, and its answer finds nobody.
  template <class T>
  boost::asio::awaitable<T> on_service(boost::asio::awaitable<T> task);
  boost::asio::awaitable<bool> wait_shared(Namespace& space, TouchedList touched, Level level,
                                           SteadyTime deadline);
  boost::asio::awaitable<DigestReport> compare(std::string ns);
  boost::asio::awaitable<RepairReport> mend(std::string ns);
  boost::asio::awaitable<void> housekeeping();
  boost::asio::awaitable<bool> purge();
  /// Makes everything that was committed, by any process, survive a loss of power.
  boost::asio::awaitable<void> bring_to_disk();
  /// Whether a writing transaction should purge too, so that a process which lives only for one write does
  /// its share.
  bool purge_due();
  void drop_expired(TimePoint now);
  std::vector<IndexView*> indexes();
  boost::asio::awaitable<void> save_indexes();
  boost::asio::awaitable<bool> shut_down();
  void stop_service() noexcept;

  Options options_;
  HotMemories hot_;  // told by the store's threads
  std::unique_ptr<boost::asio::io_context> service_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Embedder> embedder_;  // closed before the store, gone after it
  AccessLog accesses_;
  HealthBoard health_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Namespace>> namespaces_;  // guarded by mutex_; never shrinks
  std::atomic<bool> listened_{false};                             // somebody has subscribed at some time
  std::atomic<bool> closed_{false};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::atomic<std::int64_t> purge_at_ms_{0};  // wall clock
  std::size_t calls_ = 0;                     // of on_service() under way; guarded by mutex_
  Signal call_ended_;
  TaskScope scope_;
  std::thread thread_;
};

}  // namespace comem::storage
