// The link behind a proxy that breaks connections: what it says of each request is true, every request ends
// within its deadline, nobody gets another's answer unnoticed, and it comes back.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <doctest/doctest.h>

#include <random>

#include "tests/integration/proxied_link.hpp"

namespace comem::testing {
namespace {

// ---- Each fault under a burst of requests

struct Case {
  std::string name;
  Faults faults;
  Outcome all = Outcome::answered;  // of every request of the burst, unless `mixed`
  bool mixed = false;
  bool reconnects = true;
};

std::vector<Case> cases() {
  const std::size_t bytes = LinkLedger::request_bytes();
  std::vector<Case> out;
  const auto add = [&](std::string name, Faults faults, Outcome all, bool reconnects) {
    out.push_back({std::move(name), std::move(faults), all, false, reconnects});
  };
  const auto add_mixed = [&](std::string name, Faults faults) {
    out.push_back({std::move(name), std::move(faults), {}, true, true});
  };
  add("refused", Faults::refused(), Outcome::not_sent, true);
  add("black hole", Faults::black_hole(), Outcome::maybe_executed, true);
  add("half-open", Faults::half_open(), Outcome::maybe_executed, true);
  add("requests swallowed", Faults::requests_swallowed(), Outcome::maybe_executed, true);
  add("replies swallowed", Faults::replies_swallowed(), Outcome::maybe_executed, true);
  add_mixed("requests reset", Faults::reset_requests_at(bytes * 7 / 2));
  add_mixed("replies reset", Faults::reset_replies_at(70));
  add_mixed("replies cut", Faults::cut_replies_at(71));
  add_mixed("garbage", Faults::garbage_in_replies_at(72, "\x01garbage\r\n"));
  add("drip", Faults::drip(16, Milliseconds(1)), Outcome::answered, false);
  add("latency", Faults::latency(Milliseconds(20)), Outcome::answered, false);
  return out;
}

asio::awaitable<void> under_a_burst(ProxiedLink& scene, Case fault) {
  constexpr std::size_t burst = 20;
  CAPTURE(fault.name);
  LinkLedger ledger("burst");
  co_await comes_back(scene, ledger);
  const auto connections = scene.link.machine().connections();
  scene.proxy.set(fault.faults);
  if (fault.faults.refuse) CHECK(co_await comes_true([&] { return !scene.link.up(); }));
  const Milliseconds within = fault.all == Outcome::answered ? Milliseconds(5000) : Milliseconds(200);
  co_await ledger.burst(scene.link, burst, within);
  if (!fault.mixed) CHECK(ledger.count(fault.all, burst) == burst);
  if (fault.mixed) CHECK(ledger.count(Outcome::maybe_executed, burst) > 0);
  co_await comes_back(scene, ledger);
  // What was held back or on its way may still arrive; the connection that it was on serves nobody.
  CHECK((scene.link.machine().connections() > connections) == fault.reconnects);
  co_await ledger.settle(scene.direct);
  co_await ledger.burst(scene.direct, 1, Milliseconds(5000));
}

TEST_CASE("link behind a proxy: every fault, while requests are on their way") {
  for (const auto& fault : cases()) {
    Act act = [&fault](ProxiedLink& scene) { return under_a_burst(scene, fault); };
    run(act);
  }
}

// ---- Ended at every byte

asio::awaitable<void> ended_at_every_byte(ProxiedLink& scene, Faults (*faults_at)(std::size_t),
                                          std::size_t bytes) {
  LinkLedger ledger("byte");
  for (std::size_t at = 0; at <= bytes; ++at) {
    CAPTURE(at);
    CHECK(co_await comes_true([&] { return scene.link.up(); }));
    const auto connections = scene.link.machine().connections();
    scene.proxy.set(faults_at(at));
    co_await ledger.burst(scene.link, 2, Milliseconds(2000));
    // Up to the end of what the two requests say, the connection ends within them.
    CHECK(co_await comes_true(
        [&] { return scene.link.machine().connections() > connections || !scene.link.up(); }));
    scene.proxy.heal();
  }
  co_await comes_back(scene, ledger);
  co_await ledger.settle(scene.direct);
}

TEST_CASE("link behind a proxy: reset or cut at every byte of two requests and their replies") {
  const std::size_t asked = 2 * LinkLedger::request_bytes();
  const std::size_t answered = 2 * std::string(":1\r\n$11\r\nbyte-100001\r\n").size();
  run([&](ProxiedLink& scene) { return ended_at_every_byte(scene, Faults::reset_requests_at, asked - 2); });
  run([&](ProxiedLink& scene) { return ended_at_every_byte(scene, Faults::reset_replies_at, answered); });
  run([&](ProxiedLink& scene) { return ended_at_every_byte(scene, Faults::cut_replies_at, answered); });
}

// ---- More than the buffers hold

asio::awaitable<void> ask_into(Link& link, redis::Request request,
                               std::shared_ptr<std::optional<redis::Reply>> out) {
  redis::Reply reply = co_await link.request(std::move(request));
  *out = std::move(reply);
}

asio::awaitable<void> stuck_in_writing(ProxiedLink& scene) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string value(8u << 20, 'v');
  std::vector<std::shared_ptr<std::optional<redis::Reply>>> replies;
  scene.proxy.set(Faults::black_hole());
  const auto begun = SteadyClock::now();
  for (int i = 0; i < 4; ++i) {
    redis::Request request;
    request.add({"SET", "big" + std::to_string(i), value}).within(Milliseconds(300));
    replies.push_back(std::make_shared<std::optional<redis::Reply>>());
    auto task = ask_into(scene.link, std::move(request), replies.back());
    asio::co_spawn(executor, std::move(task), asio::detached);
  }
  CHECK(co_await comes_true([&] {
    return std::all_of(replies.begin(), replies.end(), [](const auto& reply) { return reply->has_value(); });
  }));
  CHECK(since(begun) < Milliseconds(300) + LinkLedger::patience);
  CHECK((*replies.front())->outcome == Outcome::maybe_executed);
  CHECK((*replies.back())->outcome == Outcome::not_sent);
  LinkLedger ledger("big");
  co_await comes_back(scene, ledger);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    redis::Request question;
    question.add({"EXISTS", "big" + std::to_string(i)});
    const redis::Reply held = co_await scene.direct.request(std::move(question));
    if ((*replies[i])->outcome == Outcome::not_sent) CHECK(held.values.at(0).integer == 0);
  }
}

TEST_CASE(
    "link behind a proxy: requests that nobody takes end in time, and those behind them were not sent") {
  run(stuck_in_writing);
}

// ---- Dead and alive

struct Watched {
  Watched(asio::any_io_executor executor, std::string name_, RedisServer& server, Faults faults_)
      : name(std::move(name_)),
        faults(std::move(faults_)),
        proxy(server.port()),
        link(executor, options_for(proxy.url())) {
    link.subscribe("news");
    link.start();
  }

  std::string name;
  Faults faults;
  FaultProxy proxy;
  Link link;
};

asio::awaitable<void> ask_one(LinkLedger& ledger, Link& link) {
  co_await ledger.ask(link, Milliseconds(5000));
}

asio::awaitable<void> notice(asio::any_io_executor executor, RedisServer* server, bool news) {
  LinkLedger ledger("dead");
  std::vector<std::shared_ptr<Watched>> links;
  const auto add = [&](std::string name, Faults faults) {
    links.push_back(std::make_shared<Watched>(executor, std::move(name), *server, std::move(faults)));
  };
  add("requests swallowed", Faults::requests_swallowed());
  if (!news) {
    add("black hole", Faults::black_hole());
    add("half-open", Faults::half_open());
    add("replies swallowed", Faults::replies_swallowed());
  }
  const auto slow = std::make_shared<Watched>(executor, "slow", *server, Faults::latency(Milliseconds(150)));
  for (const auto& watched : links) CHECK(co_await comes_true([&] { return watched->link.up(); }));
  CHECK(co_await comes_true([&] { return slow->link.up(); }));
  slow->proxy.set(slow->faults);
  const auto begun = SteadyClock::now();
  for (const auto& watched : links) {
    watched->proxy.set(watched->faults);
    if (!news) continue;
    auto task = ask_one(ledger, watched->link);
    asio::co_spawn(executor, std::move(task), asio::detached);
  }
  std::size_t dead = 0;
  while (dead < links.size() && since(begun) < std::chrono::seconds(5)) {
    if (news) server->command({"PUBLISH", "news", "x"});
    co_await comes_true([&] { return false; }, Milliseconds(20));
    dead = 0;
    for (const auto& watched : links) dead += watched->link.up() ? 0 : 1;
  }
  const auto took = since(begun);
  const std::string kind = news ? "a dead link on which messages still come" : "a dead link";
  MESSAGE(kind << " was noticed after " << took.count() << " ms");
  CHECK(took <= Milliseconds(2000) + LinkLedger::patience);
  CHECK(slow->link.up());
  CHECK(slow->link.machine().connections() == 1);
  const auto healed = SteadyClock::now();
  for (const auto& watched : links) watched->proxy.heal();
  for (const auto& watched : links) {
    CAPTURE(watched->name);
    CHECK(co_await comes_true([&] { return watched->link.up(); }));
  }
  MESSAGE("and was back " << since(healed).count() << " ms after healing");
  for (const auto& watched : links) co_await watched->link.stop();
  CHECK(co_await comes_true([&] { return ledger.waiting() == 0; }));
  co_await slow->link.stop();
}

TEST_CASE(
    "link behind a proxy: a dead connection is noticed within two seconds, a slow one is not given up") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor executor) { return notice(executor, &server, false); });
}

TEST_CASE("link behind a proxy: messages that still come do not hide that requests are lost") {
  if (!RedisServer::installed(ServerKind::redis)) return;
  RedisServer server;
  run_bounded([&](asio::any_io_executor executor) { return notice(executor, &server, true); });
}

// ---- Everything in turn

asio::awaitable<void> keep_asking(std::shared_ptr<LinkLedger> ledger, Link& link, std::shared_ptr<bool> on) {
  while (*on) {
    const auto* entry = co_await ledger->ask(link, Milliseconds(100));
    // What was refused at once would be asked again at once.
    if (!entry->is(Outcome::answered)) co_await comes_true([] { return false; }, Milliseconds(1));
  }
}

asio::awaitable<void> everything_in_turn(ProxiedLink& scene, unsigned seed) {
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const auto faults = cases();
  const auto ledger = std::make_shared<LinkLedger>("turn");
  const auto on = std::make_shared<bool>(true);
  const auto executor = co_await asio::this_coro::executor;
  for (int i = 0; i < 3; ++i) {
    auto task = keep_asking(ledger, scene.link, on);
    asio::co_spawn(executor, std::move(task), asio::detached);
  }
  for (int round = 0; round < 40; ++round) {
    Faults next = faults[below(faults.size())].faults;
    if (next.requests.at) next.requests.at = below(500);
    if (next.replies.at) next.replies.at = below(500);
    scene.proxy.set(next);
    const Milliseconds pause(1 + below(130));
    co_await comes_true([] { return false; }, pause);
    if (below(3) == 0) continue;
    scene.proxy.heal();
    const auto answered = ledger->all().size();
    CHECK(co_await comes_true([&] { return scene.link.up() && ledger->all().size() > answered; }));
  }
  *on = false;
  CHECK(co_await comes_true([&] { return ledger->waiting() == 0; }));
  co_await comes_back(scene, *ledger);
  const auto all = ledger->all().size();
  MESSAGE(all << " requests over " << scene.link.machine().connections()
              << " connections: " << ledger->count(Outcome::answered, all) << " answered, "
              << ledger->count(Outcome::maybe_executed, all) << " maybe executed, "
              << ledger->count(Outcome::not_sent, all) << " not sent");
  co_await ledger->settle(scene.direct);
}

TEST_CASE("link behind a proxy: forty faults in turn, and the truth of every request") {
  for (const unsigned seed : {1u, 2u})
    run([seed](ProxiedLink& scene) { return everything_in_turn(scene, seed); });
}

}  // namespace
}  // namespace comem::testing
