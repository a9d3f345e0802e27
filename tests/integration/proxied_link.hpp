#pragma once
// A link behind a fault proxy and one past it, on a server of their own.

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>

#include "adapters/redis/link.hpp"
#include "tests/integration/link_ledger.hpp"
#include "tests/support/fault_proxy.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {

using redis::Link;
using redis::LinkOptions;
using Outcome = redis::Reply::Outcome;
using SteadyClock = std::chrono::steady_clock;

inline LinkOptions options_for(const std::string& url) {
  LinkOptions options;
  options.address = redis::parse_url(url);
  return options;
}

/// Comes back at once, so that many faults fit into a test.
inline LinkOptions quick_options(const std::string& url) {
  LinkOptions options = options_for(url);
  options.times.backoff_min = Milliseconds(1);
  options.times.backoff_max = Milliseconds(10);
  options.times.connect = options.times.greeting = Milliseconds(500);
  return options;
}

inline Milliseconds since(SteadyTime begun) {
  return std::chrono::duration_cast<Milliseconds>(SteadyClock::now() - begun);
}

/// A server, the proxy before it, a link through the proxy and one past it.
struct ProxiedLink {
  ProxiedLink(asio::any_io_executor executor, LinkOptions (*options)(const std::string&))
      : proxy(server.port()),
        link(executor, options(proxy.url())),
        direct(executor, options_for(server.url())) {
    link.start();
    direct.start();
  }

  RedisServer server;
  FaultProxy proxy;
  Link link, direct;
};

using Act = std::function<asio::awaitable<void>(ProxiedLink&)>;

inline asio::awaitable<void> play(std::shared_ptr<ProxiedLink> scene, Act act) {
  CHECK(co_await comes_true([&] { return scene->link.up() && scene->direct.up(); }));
  co_await act(*scene);
  co_await scene->link.stop();
  co_await scene->direct.stop();
}

inline std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator begin("/proc/self/fd");
  return std::distance(begin, std::filesystem::directory_iterator());
}

/// Plays on a fresh scene, which must leave no descriptor behind.
inline void run(Act act, LinkOptions (*options)(const std::string&) = quick_options) {
  if (!RedisServer::installed(ServerKind::redis)) return;
  const auto descriptors = open_descriptors();
  run_bounded([&](asio::any_io_executor executor) {
    return play(std::make_shared<ProxiedLink>(executor, options), act);
  });
  CHECK(open_descriptors() == descriptors);
}

/// Healed: the link comes up within its back-off and serves.
inline asio::awaitable<void> comes_back(ProxiedLink& scene, LinkLedger& ledger) {
  scene.proxy.heal();
  CHECK(co_await comes_true([&] { return scene.link.up(); }));
  co_await ledger.burst(scene.link, 5, Milliseconds(5000));
  CHECK(ledger.count(Outcome::answered, 5) == 5);
}

}  // namespace comem::testing
