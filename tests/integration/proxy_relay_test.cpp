// The relay behind a proxy that loses and doubles replies: nothing is reported applied that Redis does not
// hold, and no namespace takes in what belongs to another.

#include "adapters/redis/redis_relay.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <doctest/doctest.h>

#include <map>

#include <fmt/format.h>

#include "adapters/redis/keys.hpp"
#include "tests/contract/relay_contract.hpp"
#include "tests/support/fault_proxy.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {
namespace {

using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

constexpr auto left_ns = "left", right_ns = "right";
constexpr Milliseconds request_time{150};

/// A server that holds some records of two namespaces, and a proxy before it. Every second record of each
/// push is refused, because a foreign value is under its key: who gets a neighbour's answer is told the
/// contrary.
struct Scene {
  RedisServer server;
  FaultProxy proxy{server.port()};
  std::map<std::string, Position> known;  // of each namespace, before the push at hand
  int pushes = 0;
};

std::unique_ptr<Relay> relay_at(const std::string& url, asio::any_io_executor executor) {
  Options options;
  options.log = [](LogLevel, std::string_view) {};
  options.redis_url = url;
  options.redis_timeout = request_time;
  return redis::make_redis_relay(options, std::move(executor));
}

std::vector<Record> batch(Scene& scene, const std::string& ns) {
  std::vector<Record> out;
  for (int i = 0; i < 4; ++i) {
    const std::string id = fmt::format("{}-{}-{}", ns, scene.pushes, i);
    out.push_back(sample_record(ns, id, 1000));
    if (i % 2 == 1)
      scene.server.command({"RPUSH", redis::Keys(ns).value(MemoryType::episodic, id, ""), "foreign"});
  }
  ++scene.pushes;
  return out;
}

struct Pushed {
  std::vector<Record> records;
  PushReply reply;
  bool done = false;
};
struct Pulled {
  std::string ns;
  PullReply reply;
  bool done = false;
};

asio::awaitable<void> push_into(Relay& relay, std::shared_ptr<Pushed> out) {
  std::vector<Record> records = out->records;
  std::string ns = records.front().key.ns;
  out->reply = co_await relay.push(std::move(ns), std::move(records));
  out->done = true;
}

asio::awaitable<void> pull_into(Relay& relay, std::shared_ptr<Pulled> out) {
  std::string ns = out->ns;
  out->reply = co_await relay.pull(std::move(ns), Position(), 100);
  out->done = true;
}

/// Everything that the server holds of a namespace.
asio::awaitable<PullReply> truth_of(Relay& direct, std::string ns) {
  PullReply page = co_await direct.pull(std::move(ns), Position(), 1000);
  REQUIRE_MESSAGE(page.answered, page.reason);
  REQUIRE_FALSE(page.more);
  co_return page;
}

bool holds(const PullReply& truth, const Record& record) {
  for (const auto& held : truth.records)
    if (held.key == record.key && held.version == record.version) return true;
  return false;
}

/// A position that the relay may have told: of this namespace's log, and no further than it is.
bool plausible(const Position& told, const PullReply& truth) {
  return told.epoch.empty() || (told.epoch == truth.position.epoch && told.seq <= truth.position.seq);
}

/// `errors_vouched`: an error reply, which has no room for a nonce, is believed only where nothing was lost
/// and doubled at once. One that is wrong says that a record was refused, and it is pushed again.
void check_push(const Pushed& pushed, const PullReply& truth, bool errors_vouched) {
  REQUIRE(pushed.done);
  REQUIRE(pushed.reply.statuses.size() == pushed.records.size());
  CHECK(plausible(pushed.reply.position, truth));
  for (std::size_t i = 0; i < pushed.records.size(); ++i) {
    const auto status = pushed.reply.statuses[i];
    const bool held = holds(truth, pushed.records[i]);
    CAPTURE(pushed.records[i].key.id);
    if (status == PushStatus::applied || status == PushStatus::superseded) CHECK(held);
    if (status == PushStatus::refused && errors_vouched) CHECK_FALSE(held);
    if (status == PushStatus::not_sent) CHECK_FALSE(held);
  }
}

void check_pull(const Pulled& pulled, const PullReply& truth) {
  REQUIRE(pulled.done);
  if (!pulled.reply.answered) return;
  CHECK(plausible(pulled.reply.position, truth));
  CHECK_FALSE(pulled.reply.records.empty());
  for (const auto& record : pulled.reply.records) {
    CAPTURE(record.key.id);
    CHECK(record.key.id.substr(0, pulled.ns.size()) == pulled.ns);
    CHECK(holds(truth, record));
  }
}

/// Pushes and pulls of two namespaces at the same time, their replies judged; answers how many pushes were
/// answered.
asio::awaitable<std::size_t> under_lies(Scene& scene, asio::any_io_executor executor, Relay& direct,
                                        Judge judge, bool errors_vouched) {
  RecordingListener listener;
  const auto relay = relay_at(scene.proxy.url(), executor);
  relay->start(listener);
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::up; }));
  auto pushed_left = std::make_shared<Pushed>(), pushed_right = std::make_shared<Pushed>();
  auto pulled_left = std::make_shared<Pulled>(), pulled_right = std::make_shared<Pulled>();
  pushed_left->records = batch(scene, left_ns);
  pushed_right->records = batch(scene, right_ns);
  pulled_left->ns = left_ns;
  pulled_right->ns = right_ns;
  scene.proxy.set(Faults::judged(std::move(judge)));
  asio::co_spawn(executor, push_into(*relay, pushed_left), asio::detached);
  asio::co_spawn(executor, push_into(*relay, pushed_right), asio::detached);
  asio::co_spawn(executor, pull_into(*relay, pulled_left), asio::detached);
  asio::co_spawn(executor, pull_into(*relay, pulled_right), asio::detached);
  CHECK(co_await comes_true(
      [&] { return pushed_left->done && pushed_right->done && pulled_left->done && pulled_right->done; }));
  co_await relay->stop();
  scene.proxy.heal();
  const PullReply left = co_await truth_of(direct, left_ns);
  const PullReply right = co_await truth_of(direct, right_ns);
  check_push(*pushed_left, left, errors_vouched);
  check_push(*pushed_right, right, errors_vouched);
  check_pull(*pulled_left, left);
  check_pull(*pulled_right, right);
  std::size_t answered = 0;
  for (const auto* push : {&*pushed_left, &*pushed_right})
    for (const auto status : push->reply.statuses)
      answered += status == PushStatus::applied || status == PushStatus::refused ? 1 : 0;
  co_return answered;
}

asio::awaitable<void> one_lie(Scene& scene, asio::any_io_executor executor, Relay& direct, Fate fate) {
  constexpr std::size_t replies = 24;  // no fewer than the four requests get
  for (std::size_t nth = 0; nth < replies; ++nth) {
    CAPTURE(nth);
    Judge judge = nth_replies(nth, 1, fate);
    co_await under_lies(scene, executor, direct, std::move(judge), true);
  }
  Judge none = nth_replies(replies, 1, fate);
  const std::size_t all = co_await under_lies(scene, executor, direct, std::move(none), true);
  CHECK(all == 8);  // the last one came too late to be a lie, and everything was answered
}

asio::awaitable<void> many_lies(Scene& scene, asio::any_io_executor executor, Relay& direct) {
  std::size_t answered = 0;
  constexpr unsigned rounds = 40;
  for (unsigned seed = 1; seed <= rounds; ++seed) {
    CAPTURE(seed);
    Judge judge = lies_by_chance(seed, 1 + seed / 8);
    answered += co_await under_lies(scene, executor, direct, std::move(judge), false);
  }
  MESSAGE(answered << " of " << 8 * rounds << " pushes were answered in spite of the lies");
}

using Act = std::function<asio::awaitable<void>(Scene&, asio::any_io_executor, Relay&)>;

asio::awaitable<void> play(Scene& scene, asio::any_io_executor executor, Act act) {
  RecordingListener listener;
  const auto direct = relay_at(scene.server.url(), executor);
  direct->start(listener);
  CHECK(co_await comes_true([&] { return direct->state() == RelayState::up; }));
  for (const auto* ns : {left_ns, right_ns}) {
    auto first = std::make_shared<Pushed>();
    first->records = batch(scene, ns);
    co_await push_into(*direct, first);  // and the scripts are loaded
  }
  co_await act(scene, executor, *direct);
  co_await direct->stop();
}

void run(Act act) {
  if (!RedisServer::installed(ServerKind::redis)) return;
  std::unique_ptr<Scene> scene;
  run_bounded([&](asio::any_io_executor executor) {
    scene = std::make_unique<Scene>();
    return play(*scene, executor, act);
  });
}

TEST_CASE("relay behind a proxy: a lost reply makes nobody believe another's") {
  run([](Scene& scene, asio::any_io_executor executor, Relay& direct) {
    return one_lie(scene, executor, direct, Fate::swallow);
  });
}
TEST_CASE("relay behind a proxy: a doubled reply makes nobody believe another's") {
  run([](Scene& scene, asio::any_io_executor executor, Relay& direct) {
    return one_lie(scene, executor, direct, Fate::twice);
  });
}
TEST_CASE("relay behind a proxy: replies lost and doubled by chance") {
  run(many_lies);
}

}  // namespace
}  // namespace comem::testing
