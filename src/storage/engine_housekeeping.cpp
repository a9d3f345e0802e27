// What the engine does now and then: purging, counting reads, keeping words in their files.

#include <comem/error.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "storage/engine.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr Milliseconds housekeeping_interval{5000};
constexpr Milliseconds purge_interval{60000};

}  // namespace

asio::awaitable<void> Engine::save_accesses() {
  auto entries = std::make_shared<std::map<RecordKey, AccessLog::Entry>>(accesses_.take());
  if (entries->empty()) co_return;
  auto touched = std::make_shared<std::map<std::string, std::size_t>>();
  const TimePoint now = clock().now();
  WriteFunction write = [entries, touched, now, &store = *store_](WriteTransaction& tx) {
    touched->clear();
    for (const auto& [key, entry] : *entries) {
      auto record = tx.get(key);
      if (!record || !record->live(now)) continue;
      record->counters.add(store.store_id(), Counter::accesses, entry.count);
      record->counters.raise(store.store_id(), Counter::last_access_ms,
                             static_cast<std::uint64_t>(entry.last.time_since_epoch().count()));
      tx.count(*record, true);
      ++(*touched)[key.ns];
    }
  };
  co_await store_->write(std::move(write), Durability::process);
  for (const auto& [ns, rows] : *touched) committed(of(ns), rows);
}

bool Engine::purge_due() {
  const auto now = clock().now().time_since_epoch().count();
  auto at = purge_at_ms_.load(std::memory_order_relaxed);
  // A clock that was set back far must not stop purging.
  if (now < at && at - now <= purge_interval.count()) return false;
  return purge_at_ms_.compare_exchange_strong(at, now + purge_interval.count(), std::memory_order_relaxed);
}

asio::awaitable<bool> Engine::purge() {
  std::size_t purged = 0;
  const TimePoint now = clock().now();
  WriteFunction purge = [&purged, now](WriteTransaction& tx) { purged = tx.purge(now, purge_page); };
  co_await store_->write(std::move(purge), Durability::process);
  // Whoever purged the file, this process' indexes are its own to clean. Not on this thread, and not under
  // the mutex: an index may be busy.
  ReadFunction clean = [this, now](ReadTransaction&) { drop_expired(now); };
  co_await store_->read(std::move(clean));
  co_return purged == purge_page;
}

asio::awaitable<void> Engine::bring_to_disk() {
  // An acknowledgement that a loss of power undoes after a long absence would share again what others have
  // deleted and forgotten since. Without a relay there are none, and commands that only read write nothing.
  if (!relay_) co_return;
  WriteFunction nothing = [](WriteTransaction&) {};
  co_await store_->write(std::move(nothing), Durability::power);
}

std::vector<IndexView*> Engine::indexes() {
  std::vector<IndexView*> views;
  const std::lock_guard lock(mutex_);
  for (auto& [ns, space] : namespaces_) views.push_back(&space->index);
  return views;
}

void Engine::drop_expired(TimePoint now) {
  for (auto* view : indexes()) view->drop_expired(now);
}

// On a reader's thread, since it takes its time.
asio::awaitable<void> Engine::save_indexes() {
  const auto views = indexes();
  if (std::none_of(views.begin(), views.end(), [](const IndexView* view) { return view->is_worth_saving(); }))
    co_return;
  ReadFunction save = [this](ReadTransaction&) {
    for (auto* view : indexes()) view->save_if_worth_it();
  };
  try {
    co_await store_->read(std::move(save));
  } catch (const std::exception& error) {  // the next process reads all memories then
    if (options_.log)
      options_.log(LogLevel::warning,
                   fmt::format("the words of memories could not be kept: {}", error.what()));
  }
}

asio::awaitable<void> Engine::housekeeping() {
  Signal nobody(service_->get_executor());
  SteadyTime purge_at = clock().steady() + purge_interval;
  while (!scope_.cancelled()) {
    bool more = false;
    try {
      if (clock().steady() >= purge_at) {
        more = co_await purge();
        if (!more) {
          purge_at = clock().steady() + purge_interval;
          co_await bring_to_disk();
        }
      }
      co_await save_accesses();
      co_await save_indexes();
    } catch (const Error& error) {
      if (options_.log) options_.log(LogLevel::warning, fmt::format("housekeeping failed: {}", error.what()));
    }
    if (!more) co_await nobody.wait(clock().steady() + housekeeping_interval);
  }
}

}  // namespace comem::storage
