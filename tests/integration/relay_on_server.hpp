#pragma once
// The relay on a real server of the test's own.

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "adapters/redis/redis_relay.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {

using Check = std::function<asio::awaitable<void>(storage::Relay&, RedisServer&)>;

inline asio::awaitable<void> with_relay(asio::any_io_executor executor, Options options, RedisServer* server,
                                        Check check) {
  RecordingListener listener;
  options.log = [](LogLevel, std::string_view) {};
  const auto relay = redis::make_redis_relay(options, executor);
  relay->start(listener);
  const bool up = co_await comes_true([&] { return relay->state() == RelayState::up; });
  CHECK_MESSAGE(up, relay->stats().reason);
  if (up) co_await check(*relay, *server);
  co_await relay->stop();
}

inline void run(RedisServer& server, Options options, Check check) {
  if (options.redis_url == Options().redis_url) options.redis_url = server.url();
  run_bounded([&](asio::any_io_executor executor) { return with_relay(executor, options, &server, check); });
}

/// The check on Redis and on Valkey, each of them fresh.
inline void run_on_both(Check check, Options options = {}, std::vector<std::string> arguments = {}) {
  for (const auto kind : {ServerKind::redis, ServerKind::valkey}) {
    if (!RedisServer::installed(kind)) continue;
    ServerOptions server_options;
    server_options.kind = kind;
    server_options.arguments = arguments;
    RedisServer server(server_options);
    run(server, options, check);
  }
}

inline asio::awaitable<storage::PushReply> push(storage::Relay& relay, std::vector<Record> records) {
  const std::string ns = records.front().key.ns;
  storage::PushReply reply = co_await relay.push(ns, std::move(records));
  co_return reply;
}

inline asio::awaitable<storage::PushStatus> push_one(storage::Relay& relay, Record record) {
  std::vector<Record> records;
  records.push_back(std::move(record));
  const storage::PushReply reply = co_await push(relay, std::move(records));
  co_return reply.statuses.at(0);
}

}  // namespace comem::testing
