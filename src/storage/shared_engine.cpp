#include "storage/shared_engine.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <mutex>
#include <string>

#include "core/log.hpp"
#include "storage/open.hpp"

namespace comem::storage {
namespace {

struct Shared {
  std::weak_ptr<Engine> engine;
  std::string key;  // empty: found by nobody
  std::size_t users = 0;
};

struct Registry {
  std::mutex opening;  // held while a store is opened, which may take seconds
  std::mutex mutex;    // held for moments
  std::map<const Engine*, Shared> engines;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

/// The open engine of this key with one more user, or nothing.
std::shared_ptr<Engine> find(const std::string& key) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (auto& [address, shared] : all.engines) {
    if (key.empty() || shared.key != key) continue;
    auto engine = shared.engine.lock();
    if (engine) ++shared.users;
    return engine;
  }
  return nullptr;
}

std::shared_ptr<Engine> make_engine(Options options) {
  if (!options.clock) options.clock = &system_clock();
  if (!options.log) options.log = default_log_sink();
  auto service = std::make_unique<boost::asio::io_context>(1);
  auto store = open_store(options);
  auto relay = open_relay(options, service->get_executor());
  auto provider = open_embedding(options);
  return std::make_shared<Engine>(std::move(options), std::move(service), std::move(store), std::move(relay),
                                  std::move(provider));
}

}  // namespace

EngineHold EngineHold::open(Options options) {
  const std::string key = options.database == ":memory:" ? std::string() : share_key(options);
  Registry& all = registry();
  const std::lock_guard one_opens(all.opening);
  if (auto engine = find(key)) return EngineHold(std::move(engine));
  auto engine = make_engine(std::move(options));
  const std::lock_guard lock(all.mutex);
  Shared shared;
  shared.engine = engine;
  shared.key = key;
  shared.users = 1;
  all.engines.emplace(engine.get(), std::move(shared));
  return EngineHold(std::move(engine));
}

EngineHold::EngineHold(const EngineHold& other) : engine_(other.engine_) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  ++all.engines.at(engine_.get()).users;
}

EngineHold::~EngineHold() {
  release();
}

bool EngineHold::release() noexcept {
  if (!engine_ || !counted_) return false;
  counted_ = false;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto place = all.engines.find(engine_.get());
  if (place == all.engines.end() || --place->second.users != 0) return false;
  all.engines.erase(place);
  return true;
}

}  // namespace comem::storage
