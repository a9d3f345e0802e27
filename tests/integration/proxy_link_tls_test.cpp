// The link over TLS behind a proxy that ends or stops connections at any stage, the handshake included.

#include <doctest/doctest.h>

#include <thread>

#include "tests/integration/proxied_link.hpp"

namespace comem::testing {
namespace {

LinkOptions tls_options(int port, const RedisServer& server) {
  LinkOptions options = quick_options("rediss://localhost:" + std::to_string(port));
  options.ca_file = server.ca_file();
  return options;
}

/// A new link under this plan fails, or serves until the plan ends it; healed, it serves.
asio::awaitable<void> begin_under(RedisServer* server, FaultProxy* proxy, Faults faults, LinkLedger* ledger) {
  const auto executor = co_await asio::this_coro::executor;
  proxy->set(faults);
  Link link(executor, tls_options(proxy->port(), *server));
  link.start();
  co_await ledger->burst(link, 3, Milliseconds(60));
  proxy->heal();
  CHECK(co_await comes_true([&] { return link.up(); }));
  co_await ledger->burst(link, 3, Milliseconds(5000));
  CHECK(ledger->count(Outcome::answered, 3) == 3);
  co_await link.stop();
}

asio::awaitable<void> over_tls(RedisServer* server, FaultProxy* proxy) {
  const auto executor = co_await asio::this_coro::executor;
  LinkLedger ledger("tls");
  for (const std::size_t at : {0u, 1u, 6u, 200u, 517u, 800u, 1500u, 2500u, 3500u, 4500u}) {
    CAPTURE(at);
    std::vector<Faults> plans{Faults::reset_requests_at(at), Faults::reset_replies_at(at),
                              Faults::cut_replies_at(at), Faults::garbage_in_replies_at(at, "garbage")};
    for (auto& faults : plans) co_await begin_under(server, proxy, std::move(faults), &ledger);
  }
  co_await begin_under(server, proxy, Faults::black_hole(), &ledger);
  co_await begin_under(server, proxy, Faults::half_open(), &ledger);
  co_await begin_under(server, proxy, Faults::drip(64, Milliseconds(1)), &ledger);
  Link direct(executor, tls_options(server->port(), *server));
  direct.start();
  co_await ledger.settle(direct);
  co_await direct.stop();
}

TEST_CASE("link over TLS behind a proxy: broken at any stage, it ends in time and comes back") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  ServerOptions options;
  options.tls = true;
  RedisServer server(options);
  FaultProxy proxy(server.port());
  const auto descriptors = open_descriptors();
  run_bounded([&](asio::any_io_executor) { return over_tls(&server, &proxy); });
  CHECK(proxy.accepted() > 40);
  const auto patient = SteadyClock::now() + std::chrono::seconds(5);
  while (open_descriptors() > descriptors && SteadyClock::now() < patient)
    std::this_thread::sleep_for(Milliseconds(2));  // the proxy's thread notices that its clients have gone
  CHECK(open_descriptors() <= descriptors);
}

}  // namespace
}  // namespace comem::testing
