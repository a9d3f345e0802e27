// The link behind a proxy that loses and doubles replies: nobody gets another's answer unnoticed.

#include <doctest/doctest.h>

#include "tests/integration/proxied_link.hpp"

namespace comem::testing {
namespace {

asio::awaitable<void> lied_to(ProxiedLink& scene, Fate fate, bool sealed) {
  LinkLedger ledger("lie", sealed);
  std::size_t noticed = 0;
  const std::size_t replies = sealed ? 12 : 8;  // to the four requests
  for (std::size_t nth = 0; nth < replies; ++nth) {
    CAPTURE(nth);
    co_await comes_back(scene, ledger);
    const auto connections = scene.link.machine().connections();
    scene.proxy.set(Faults::judged(nth_replies(nth, 1, fate)));
    co_await ledger.burst(scene.link, 4, Milliseconds(200));
    // When the requests pause, the link itself sees that replies are missing or left over.
    CHECK(co_await comes_true([&] { return scene.link.machine().connections() > connections; }));
  }
  co_await comes_back(scene, ledger);
  for (const auto& entry : ledger.all()) noticed += entry.noticed() ? 1 : 0;
  CHECK((noticed > 0) != sealed);
  co_await ledger.settle(scene.direct, !sealed);
}

TEST_CASE("link behind a proxy: a lost or doubled reply is never taken for a right one") {
  for (const bool sealed : {false, true}) {
    CAPTURE(sealed);
    run([sealed](ProxiedLink& scene) { return lied_to(scene, Fate::swallow, sealed); });
    run([sealed](ProxiedLink& scene) { return lied_to(scene, Fate::twice, sealed); });
  }
}

asio::awaitable<void> answered_by_a_ping(ProxiedLink& scene) {
  scene.proxy.set(Faults::judged(nth_replies(0, 1, Fate::swallow)));
  redis::Request request;
  request.add({"GET", "nothing"}).within(Milliseconds(5000));
  const auto begun = SteadyClock::now();
  const redis::Reply reply = co_await scene.link.request(std::move(request));
  CHECK(reply.outcome == Outcome::maybe_executed);
  CHECK_MESSAGE(reply.reason.find("out of step") != std::string::npos, reply.reason);
  CHECK(since(begun) < Milliseconds(3000));
}

TEST_CASE("link behind a proxy: the answer to its own PING is no answer to a request whose own was lost") {
  run([](ProxiedLink& scene) { return answered_by_a_ping(scene); });
}

asio::awaitable<void> greeted_wrongly(ProxiedLink& scene, Fate fate) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string identity = scene.direct.machine().identity();
  for (std::size_t nth = 0; nth < 5; ++nth) {
    CAPTURE(nth);
    scene.proxy.set(Faults::judged(nth_replies(nth, 1, fate)));
    auto options = quick_options(scene.proxy.url());
    Link* watched = nullptr;
    bool up = false;
    options.on_state = [&](redis::LinkState state, const std::string&) {
      const bool is_up = state == redis::LinkState::up;
      up = up || is_up;
      if (is_up) CHECK(watched->machine().identity() == identity);
    };
    Link link(executor, std::move(options));
    watched = &link;
    link.start();
    LinkLedger ledger("greeted" + std::to_string(nth));
    CHECK(co_await comes_true([&] { return up; }));
    co_await ledger.burst(link, 2, Milliseconds(5000));
    co_await ledger.settle(scene.direct, true);
    co_await link.stop();
  }
}

TEST_CASE("link behind a proxy: a reply of the greeting lost or doubled never makes it another server") {
  for (const Fate fate : {Fate::swallow, Fate::twice})
    run([fate](ProxiedLink& scene) { return greeted_wrongly(scene, fate); });
}

}  // namespace
}  // namespace comem::testing
