// The relay contract against the fake, Redis and Valkey.

#include <doctest/doctest.h>

#include "adapters/redis/keys.hpp"
#include "adapters/redis/redis_relay.hpp"
#include "tests/contract/relay_contract.hpp"
#include "tests/support/memory_relay.hpp"
#include "tests/support/redis_server.hpp"

namespace comem::testing {
namespace {

class MemoryHouse : public RelayHouse {
 public:
  std::unique_ptr<storage::Relay> make(boost::asio::any_io_executor executor) override {
    return std::make_unique<MemoryRelay>(server_, std::move(executor));
  }
  void lose_everything() override { server_->lose_everything(); }
  void evict(const RecordKey& key) override { server_->evict(key); }

 private:
  std::shared_ptr<MemoryServer> server_ = std::make_shared<MemoryServer>();
};

class RedisHouse : public RelayHouse {
 public:
  explicit RedisHouse(ServerOptions options) : server_(std::move(options)) {}
  std::unique_ptr<storage::Relay> make(boost::asio::any_io_executor executor) override {
    Options options;
    options.redis_url = server_.url();
    return redis::make_redis_relay(options, std::move(executor));
  }
  void lose_everything() override { server_.command({"FLUSHALL"}); }
  void evict(const RecordKey& key) override {
    server_.command({"DEL", redis::Keys(key.ns).value(key.type, key.id, "")});
  }

 private:
  RedisServer server_;
};

void check_server(ServerKind kind, void (*check)(RelayHouse&)) {
  if (!RedisServer::installed(kind)) return;
  ServerOptions options;
  options.kind = kind;
  RedisHouse house(options);
  check(house);
}

TEST_CASE("relay contract: the fake") {
  MemoryHouse house;
  check_relay_contract(house);
}

TEST_CASE("relay contract: Redis") {
  check_server(ServerKind::redis, check_relay_contract);
}

TEST_CASE("relay contract: Valkey") {
  check_server(ServerKind::valkey, check_relay_contract);
}

TEST_CASE("relay digests: the fake") {
  MemoryHouse house;
  check_relay_digests(house);
}

TEST_CASE("relay digests: Redis") {
  check_server(ServerKind::redis, check_relay_digests);
}

TEST_CASE("relay digests: Valkey") {
  check_server(ServerKind::valkey, check_relay_digests);
}

}  // namespace
}  // namespace comem::testing
