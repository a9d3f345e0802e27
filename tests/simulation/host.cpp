#include "tests/simulation/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "storage/merge.hpp"

namespace comem::simulation {

namespace asio = boost::asio;
using storage::Durability;
using storage::NamespaceSync;
using storage::ReadTransaction;
using storage::WriteTransaction;

namespace {

constexpr Milliseconds epoch_begin{1'800'000'000'000};

/// What a transaction of an agent did.
struct Done {
  std::optional<AttemptId> attempt;
  std::uint64_t change = 0;
};

/// The transaction of one deed; what it tries stands in the ledger.
class AgentWrite {
 public:
  AgentWrite(Ledger& ledger, const Host& host, const Options& options, Deed deed, std::shared_ptr<Done> done)
      : ledger_(ledger), host_(host), options_(options), deed_(std::move(deed)), done_(std::move(done)) {}

  void operator()(WriteTransaction& tx) const {
    const auto existing = tx.get(deed_.key);
    switch (deed_.kind) {
      case Deed::Kind::put:
        return put(tx, existing);
      case Deed::Kind::forget:
        if (existing) forget(tx, *existing);
        return;
      case Deed::Kind::execute:
      case Deed::Kind::access:
        if (existing && existing->live(host_.clock.now())) count(tx, *existing);
        return;
      case Deed::Kind::purge:
        tx.purge(host_.clock.now(), 500);
        return;
      case Deed::Kind::read:
        return;
    }
  }

 private:
  void note(Attempt attempt, std::uint64_t change) const {
    attempt.host = host_.number;
    attempt.key = deed_.key;
    done_->attempt = ledger_.add(std::move(attempt));
    done_->change = change;
  }

  void put(WriteTransaction& tx, const std::optional<Record>& existing) const {
    Record draft;
    draft.key = deed_.key;
    draft.value = deed_.value;
    draft.writer = "agent";
    draft.created_at = existing ? existing->created_at : host_.clock.now();
    const TimePoint now = host_.clock.now();
    if (deed_.time_to_live.count() > 0)
      draft.expires_at = now + storage::clock_lag(tx, existing, now) + deed_.time_to_live;
    const auto applied = storage::put_local(tx, draft, existing);
    if (!applied.changed()) return;
    Attempt attempt;
    attempt.version = applied.version;
    attempt.value = deed_.value;
    attempt.expires_at = draft.expires_at;
    note(std::move(attempt), applied.change);
  }

  void forget(WriteTransaction& tx, const Record& existing) const {
    const auto applied =
        storage::remove_local(tx, existing, "agent", host_.clock.now(), options_.tombstone_ttl);
    if (!applied.changed()) return;
    Attempt attempt;
    attempt.kind = Attempt::Kind::forget;
    attempt.version = applied.version;
    attempt.expires_at = tx.get(deed_.key)->expires_at;
    note(std::move(attempt), applied.change);
  }

  void count(WriteTransaction& tx, Record record) const {
    Attempt attempt;
    attempt.kind = Attempt::Kind::count;
    attempt.by = 1;
    attempt.counter = deed_.kind == Deed::Kind::execute ? Counter::executions : Counter::accesses;
    record.counters.add(host_.disk.store_id(), attempt.counter, attempt.by);
    std::uint64_t change = 0;
    if (deed_.kind == Deed::Kind::execute) {
      change = storage::put_counters(tx, record).change;
    } else {
      tx.count(record, true);
      change = tx.last_change();
    }
    note(std::move(attempt), change);
  }

  Ledger& ledger_;
  const Host& host_;
  const Options& options_;
  const Deed deed_;
  const std::shared_ptr<Done> done_;
};

}  // namespace

TimePoint HostClock::now() const {
  return TimePoint(epoch_begin) + std::chrono::duration_cast<Milliseconds>(timeline_.elapsed()) + error_;
}

Host::Host(Surroundings& surroundings, std::size_t number_)
    : number(number_),
      clock(surroundings.timeline),
      disk(clock, surroundings.ledger, surroundings.ablation) {}

Process::Process(Surroundings& surroundings, Host& host, Random random)
    : surroundings_(surroundings),
      host_(host),
      loop_(surroundings.timeline),
      storage_(surroundings.timeline, loop_, host.disk, host.mood, random, surroundings.ablation),
      relay_(surroundings.timeline, loop_, surroundings.network, host.number, host.clock,
             surroundings.options.redis_timeout, surroundings.ablation),
      scope_(loop_.context().get_executor(), [&surroundings](const std::string& why) {
        surroundings.ledger.broken("a background task ended: " + why);
      }) {
  for (const auto& ns : surroundings.namespaces)
    syncs_[ns] = std::make_unique<NamespaceSync>(
        ns, storage_.for_sync(), relay_, surroundings.options, host.clock, scope_, [] {},
        [](const std::string&) {});
  storage_.for_sync().on_queued([this](std::vector<storage::Queued> all) { queued(std::move(all)); });
}

Process::~Process() = default;

void Process::start() {
  relay_.start(*this);
  for (auto& [ns, sync] : syncs_) sync->start();
  run();
}

void Process::on_relay_state(RelayState state, const std::string&) {
  for (auto& [ns, sync] : syncs_) sync->link(is_linked(state));
}

void Process::on_relay_hint(const std::string& ns, storage::Hint hint) {
  const auto place = syncs_.find(ns);
  if (place != syncs_.end()) place->second->hint(std::move(hint));
}

void Process::queued(std::vector<storage::Queued> all) {
  for (auto& queued : all) {
    auto& sync = *syncs_.at(queued.ns);
    const std::size_t rows = queued.count();
    sync.queued(std::move(queued));
    if (rows != 0) sync.written(rows);
  }
}

void Process::act(Deed deed) {
  auto failed = [&ledger = surroundings_.ledger](std::exception_ptr error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& failure) {
      ledger.broken(std::string("an agent's call threw: ") + failure.what());
    }
  };
  asio::co_spawn(loop_.context(), carry_out(std::move(deed)), std::move(failed));
  run();
}

asio::awaitable<void> Process::carry_out(Deed deed) {
  auto task = deed.kind == Deed::Kind::read ? read(std::move(deed)) : write(std::move(deed));
  co_await std::move(task);
}

asio::awaitable<void> Process::write(Deed deed) {
  auto done = std::make_shared<Done>();
  auto& ledger = surroundings_.ledger;
  const RecordKey key = deed.key;
  const bool shared = deed.shared;
  const bool durable = deed.durable;
  storage::WriteFunction function = AgentWrite(ledger, host_, surroundings_.options, std::move(deed), done);
  try {
    co_await storage_.for_agents().write(std::move(function),
                                         durable ? Durability::power : Durability::process);
  } catch (const Error&) {
    co_return;  // rejected or unknown; the ledger knows
  }
  if (!done->attempt) co_return;
  ledger.acknowledged(*done->attempt, durable);
  surroundings_.timeline.note("host {} wrote {} change {}", host_.number, describe(key), done->change);
  if (!shared) co_return;
  const SteadyTime begin = surroundings_.timeline.now();
  const Milliseconds patience = surroundings_.options.share_deadline;
  co_await syncs_.at(key.ns)->shared(key, done->change, begin + patience);
  if (surroundings_.timeline.now() - begin > patience + Milliseconds(1))
    ledger.broken("a caller waited for Redis beyond its deadline");
}

asio::awaitable<void> Process::read(Deed deed) {
  storage::ReadFunction look = [this, key = deed.key](ReadTransaction& tx) {
    surroundings_.ledger.seen(host_.number, key, tx.get(key), surroundings_.latest());
  };
  co_await storage_.for_agents().read(std::move(look));
}

void Process::close() {
  asio::co_spawn(loop_.context(), shut_down(), [](const std::exception_ptr&) {});
  run();
}

asio::awaitable<void> Process::shut_down() {
  scope_.cancel();
  for (auto& [ns, sync] : syncs_) sync->give_up();
  co_await relay_.stop();
  co_await scope_.join();
  ended_ = true;
}

TimePoint Surroundings::latest() const {
  return TimePoint(epoch_begin) + std::chrono::duration_cast<Milliseconds>(timeline.elapsed()) +
         largest_error + Milliseconds(1000);
}

}  // namespace comem::simulation
