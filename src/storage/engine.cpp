#include "storage/engine.hpp"

#include <comem/error.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "core/log.hpp"
#include "core/run_on.hpp"
#include "storage/comparison.hpp"
#include "storage/share_deadline.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t hot_bytes = 64u << 20;  // of memories that were read lately, at the most

search::Parameters parameters_of(const Options& options) {
  search::Parameters parameters;
  parameters.stemming = options.stemming;
  return parameters;
}

}  // namespace

Engine::Namespace::Namespace(const std::string& ns, Engine& engine)
    : index(ns, *engine.store_, parameters_of(engine.options_)),
      feed(ns, *engine.store_, engine.clock(), engine.scope_, [&engine](const std::string& why) {
        if (engine.options_.log)
          engine.options_.log(LogLevel::warning,
                              fmt::format("subscriptions: reading changes failed: {}", why));
      }) {
  if (engine.options_.keep_index) index.keep_in(index_file_of(*engine.store_, ns));
  if (engine.embedder_) {
    VectorView::Events events;
    events.damaged = [&engine](std::vector<std::string> texts) { engine.embedder_->mend(std::move(texts)); };
    events.improvable = [this, &engine] { engine.embedder_->improve(*vectors); };
    vectors.emplace(ns, engine.embedder_->model(), std::move(events));
    index.tell(*vectors);
    engine.embedder_->fill(ns);
  }
  if (!engine.relay_) return;
  sync.emplace(
      ns, *engine.store_, *engine.relay_, engine.options_, engine.clock(), engine.scope_,
      [this, &engine] {
        feed.notify();
        if (engine.embedder_) engine.embedder_->written();
      },
      [ns, &engine](const std::string& why) { engine.health_.trouble(ns, why); });
  sync->on_caught_up([ns, &engine](bool yes) { engine.health_.caught_up(ns, yes); });
}

Engine::Engine(Options options, std::unique_ptr<asio::io_context> service, std::unique_ptr<Store> store,
               std::unique_ptr<Relay> relay, std::shared_ptr<EmbeddingProvider> provider)
    : options_(std::move(options)),
      hot_(hot_bytes),
      service_(std::move(service)),
      store_(std::move(store)),
      relay_(std::move(relay)),
      health_(clock()),
      work_(service_->get_executor()),
      call_ended_(service_->get_executor()),
      scope_(service_->get_executor(), [log = options_.log](const std::string& why) {
        if (log) log(LogLevel::error, fmt::format("a background task ended: {}", why));
      }) {
  store_->on_commit([this](const Commit& commit) { hot_.committed(commit); });
  if (relay_) store_->on_queued([this](std::vector<Queued> queued) { this->queued(std::move(queued)); });
  if (relay_) health_.link(RelayState::connecting, {});
  if (provider) embedder_ = std::make_unique<Embedder>(std::move(provider), options_, *store_);
  asio::post(*service_, [this] {
    if (relay_) relay_->start(*this);
    scope_.spawn(housekeeping());
  });
  thread_ = std::thread([this] { service_->run(); });
}

Engine::~Engine() {
  if (embedder_) embedder_->close();
  stop_service();
  health_.close();
  for (auto& [ns, space] : namespaces_) {
    space->feed.close();
    space->index.stop();
  }
  store_->close();  // before the frames of service tasks go: queued functions may still touch them
}

void Engine::stop_service() noexcept {
  work_.reset();
  service_->stop();
  if (thread_.joinable()) thread_.join();
}

Engine::Namespace& Engine::of(const std::string& ns) {
  const std::lock_guard lock(mutex_);
  auto& space = namespaces_[ns];
  if (!space) {
    space = std::make_unique<Namespace>(ns, *this);
    if (space->sync) asio::post(*service_, [sync = &*space->sync] { sync->start(); });
  }
  return *space;
}

IndexView& Engine::index(const std::string& ns) {
  return of(ns).index;
}

VectorView* Engine::vectors(const std::string& ns) {
  auto& vectors = of(ns).vectors;
  return vectors ? &*vectors : nullptr;
}

template <class T>
asio::awaitable<T> Engine::on_service(asio::awaitable<T> task) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_.load(std::memory_order_acquire)) throw Error(errc::closed, "the store is closed");
    ++calls_;
  }
  std::function<void()> on_end = [this] {
    {
      const std::lock_guard lock(mutex_);
      --calls_;
    }
    call_ended_.notify();
  };
  T result = co_await run_on(service_->get_executor(), std::move(task), std::move(on_end));
  co_return result;
}

asio::awaitable<Outcome> Engine::commit(std::string ns, WriteFunction function, Level level,
                                        TouchedList touched) {
  const SteadyTime begun = clock().steady();
  const auto durability = level == Level::local ? Durability::process : Durability::power;
  if (purge_due()) {
    function = [function = std::move(function), now = clock().now()](WriteTransaction& tx) {
      function(tx);
      tx.purge(now, purge_page);
    };
  }
  co_await store_->write(std::move(function), durability);
  Namespace& space = of(ns);
  if (!touched->empty()) committed(space, touched->size());
  if (level < Level::shared) co_return Outcome::ok;
  if (!space.sync) co_return Outcome::pending;
  const SteadyTime deadline = share_deadline(begun, clock().steady(), options_.share_deadline);
  auto wait = wait_shared(space, std::move(touched), level, deadline);
  const bool shared = co_await on_service(std::move(wait));
  co_return shared ? Outcome::ok : Outcome::pending;
}

void Engine::committed(Namespace& space, std::size_t rows) {
  if (embedder_) embedder_->written();
  // What is to be shared is told of by the store.
  if (!relay_ && listened_.load(std::memory_order_relaxed)) tell_service(space, rows);
}

void Engine::queued(std::vector<Queued> all) {
  const std::lock_guard lock(mutex_);
  for (auto& queued : all) {
    const auto place = namespaces_.find(queued.ns);
    if (place == namespaces_.end()) continue;  // its first use looks into the outbox
    const std::size_t rows = queued.count();
    place->second->sync->queued(std::move(queued));
    if (rows != 0) tell_service(*place->second, rows);
  }
}

void Engine::tell_service(Namespace& space, std::size_t rows) {
  // One message to the service thread carries the rows of all commits until it is read.
  if (space.written.fetch_add(rows, std::memory_order_acq_rel) != 0) return;
  asio::post(*service_, [&space] {
    const auto all = space.written.exchange(0, std::memory_order_acq_rel);
    if (space.sync) space.sync->written(all);
    space.feed.notify();
  });
}

asio::awaitable<bool> Engine::wait_shared(Namespace& space, TouchedList touched, Level level,
                                          SteadyTime deadline) {
  NamespaceSync& sync = *space.sync;
  std::string epoch;
  if (touched->empty()) {  // a write that changed nothing is shared when what was there before is
    const bool flushed = co_await sync.flushed(deadline, true);
    if (!flushed) co_return false;
    epoch = sync.epoch();
  }
  for (const auto& write : *touched) {
    std::optional<std::string> accepted = co_await sync.shared(write.key, write.change, deadline);
    if (!accepted) co_return false;
    if (level == Level::replicated && !epoch.empty() && epoch != *accepted) co_return false;
    epoch = std::move(*accepted);
  }
  if (level != Level::replicated) co_return true;
  const bool replicated = co_await sync.replicated(std::move(epoch), deadline);
  co_return replicated;
}

asio::awaitable<Subscription> Engine::subscribe(std::string ns, std::shared_ptr<ChangeQueue> queue) {
  listened_.store(true, std::memory_order_relaxed);
  Subscription subscription(queue);
  auto add = of(ns).feed.add(std::move(queue));
  co_await on_service(std::move(add));
  co_return subscription;
}

asio::awaitable<bool> Engine::flush(std::string ns, Milliseconds deadline, bool while_up) {
  co_await save_accesses();
  Namespace& space = of(ns);
  if (!space.sync) co_return true;
  const SteadyTime until = clock().steady() + deadline;
  auto wait = space.sync->flushed(until, while_up);
  const bool flushed = co_await on_service(std::move(wait));
  co_return flushed;
}

asio::awaitable<void> Engine::caught_up(std::string ns, Milliseconds deadline) {
  Namespace& space = of(ns);
  if (!space.sync) co_return;
  auto wait = space.sync->caught_up(clock().steady() + deadline);
  co_await on_service(std::move(wait));
}

void Engine::spawn(asio::awaitable<void> task) {
  auto shared = std::make_shared<asio::awaitable<void>>(std::move(task));
  asio::post(*service_, [this, shared] { scope_.spawn(std::move(*shared)); });
}

RelayStats Engine::relay_stats() const {
  if (!relay_) return {};
  RelayStats stats = relay_->stats();
  const Health health = health_.now();
  stats.state = health.state;
  stats.reason = health.reason;
  return stats;
}

asio::awaitable<std::vector<Finding>> Engine::diagnose() {
  std::vector<Finding> findings = co_await store_->diagnose();
  if (relay_) {
    auto task = relay_->diagnose();
    auto more = co_await on_service(std::move(task));
    for (auto& finding : more) finding.side = Finding::Side::redis;
    findings.insert(findings.end(), more.begin(), more.end());
  }
  co_return findings;
}

asio::awaitable<DigestReport> Engine::digest(std::string ns) {
  of(ns);  // a namespace that nobody used yet is shared from now on
  auto task = compare(std::move(ns));
  DigestReport report = co_await on_service(std::move(task));
  co_return report;
}

asio::awaitable<DigestReport> Engine::compare(std::string ns) {
  Comparison comparison(std::move(ns), *store_, relay_.get(), clock());
  DigestReport report = co_await comparison.compare();
  co_return report;
}

asio::awaitable<RepairReport> Engine::repair(std::string ns) {
  of(ns);
  auto task = mend(std::move(ns));
  RepairReport report = co_await on_service(std::move(task));
  co_return report;
}

asio::awaitable<RepairReport> Engine::mend(std::string ns) {
  Namespace& space = of(ns);
  Comparison comparison(std::move(ns), *store_, relay_.get(), clock());
  RepairReport report = co_await comparison.repair();
  if (report.pulled != 0) space.feed.notify();
  co_return report;
}

void Engine::on_relay_state(RelayState state, const std::string& reason) {
  health_.link(state, reason);
  if (options_.log && state == RelayState::down)
    options_.log(LogLevel::warning, fmt::format("Redis is not available: {}; memories stay in {} until it is",
                                                reason, store_->path()));
  const std::lock_guard lock(mutex_);
  for (auto& [ns, space] : namespaces_)
    if (space->sync) space->sync->link(is_linked(state));
}

void Engine::on_relay_hint(const std::string& ns, Hint hint) {
  const std::lock_guard lock(mutex_);
  const auto place = namespaces_.find(ns);
  if (place != namespaces_.end() && place->second->sync) place->second->sync->hint(std::move(hint));
}

asio::awaitable<bool> Engine::shut_down() {
  scope_.cancel();
  health_.close();
  {
    const std::lock_guard lock(mutex_);
    for (auto& [ns, space] : namespaces_) {
      space->feed.close();
      space->index.stop();
      if (space->sync) space->sync->give_up();
    }
  }
  if (embedder_) embedder_->close();
  if (relay_) co_await relay_->stop();
  co_await scope_.join();
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (calls_ == 0) break;
    }
    co_await call_ended_.wait();
  }
  co_await save_indexes();
  for (auto& [ns, space] : namespaces_)  // nobody else is left
    if (space->sync) co_await space->sync->settle();
  try {
    co_await bring_to_disk();
  } catch (const std::exception& error) {
    if (options_.log) options_.log(LogLevel::warning, fmt::format("the last sync failed: {}", error.what()));
  }
  store_->close();
  co_return true;
}

asio::awaitable<void> Engine::close() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_.exchange(true)) co_return;
  }
  auto task = shut_down();
  co_await run_on(service_->get_executor(), std::move(task));
  stop_service();
}

}  // namespace comem::storage
