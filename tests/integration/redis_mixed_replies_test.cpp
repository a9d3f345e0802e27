// Replies that are lost, doubled or another's: nothing of what they say is believed.

#include <doctest/doctest.h>

#include <map>

#include "adapters/redis/redis_relay.hpp"
#include "adapters/redis/resp.hpp"
#include "adapters/redis/wire.hpp"
#include "tests/contract/relay_contract.hpp"
#include "tests/support/lying_server.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {
namespace {

using redis::RespDecoder;
using redis::Value;
using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

std::string apply_answer(const std::string& nonce, int seq) {
  return "*4\r\n" + bulk(nonce) + "+epoch\r\n" + bulk(std::to_string(seq)) + "+applied\r\n";
}
std::string page_answer(const std::string& nonce) {
  return "*7\r\n" + bulk(nonce) + "+epoch\r\n+9\r\n+9\r\n:0\r\n:0\r\n*0\r\n";
}

/// Speaks as Redis does, and hands the answers to scripts (in the order of the commands of the connection) to
/// the test before they are sent.
class FalseRedis {
 public:
  using Tamper = std::function<std::string(int script, const std::string& answer)>;

  explicit FalseRedis(Tamper tamper) : tamper_(std::move(tamper)) {}

  std::string operator()(const std::string& received, int connection) {
    auto& talk = talks_[connection];
    if (!talk.decoder) talk.decoder = std::make_shared<RespDecoder>();
    talk.decoder->feed(received);
    std::string out;
    Value command;
    while (talk.decoder->next(command) == RespDecoder::Status::value)
      out += answer(command, talk, connection);
    return out;
  }

 private:
  struct Talk {
    std::shared_ptr<RespDecoder> decoder;
    int scripts = 0;
  };

  std::string answer(const Value& command, Talk& talk, int connection) {
    const auto word = [&command](std::size_t n) { return command.items.at(n).text; };
    if (word(0) == "HELLO") return "%1\r\n+server\r\n+redis\r\n";
    if (word(0) == "INFO")
      return bulk(word(1) == "server" ? "# S\r\nrun_id:run\r\n" : "# R\r\nmaster_replid:history\r\n");
    if (word(0) == "PING" || word(0) == "ECHO")
      return command.items.size() == 1 ? "+PONG\r\n" : bulk(word(1));
    const std::size_t keys = std::stoul(word(2)), first = 3 + keys;
    const auto honest = keys == 2 ? page_answer(word(first + 7)) : apply_answer(word(first + 3), ++seq_);
    return connection == 1 ? tamper_(++talk.scripts, honest) : honest;
  }

  Tamper tamper_;
  std::map<int, Talk> talks_;
  int seq_ = 0;
};

/// So large that each goes in a command of its own.
std::vector<Record> three_records() {
  std::vector<Record> records{sample_record("ns", "a", 1), sample_record("ns", "b", 1),
                              sample_record("ns", "c", 1)};
  for (auto& record : records) record.value.assign(redis::max_applied_bytes, 'v');
  return records;
}

using Check = std::function<asio::awaitable<void>(Relay&, LyingServer&)>;

asio::awaitable<void> talk(asio::any_io_executor executor, FalseRedis::Tamper tamper, Check check) {
  const auto server = std::make_shared<LyingServer>(executor, FalseRedis(std::move(tamper)));
  server->start();
  RecordingListener listener;
  Options options;
  options.redis_url = server->url();
  options.log = [](LogLevel, std::string_view) {};
  const auto relay = redis::make_redis_relay(options, executor);
  relay->start(listener);
  CHECK(co_await comes_true([&] { return relay->state() == RelayState::up; }));
  co_await check(*relay, *server);
  co_await relay->stop();
  server->stop();
}

void run(FalseRedis::Tamper tamper, Check check) {
  run_bounded([&](asio::any_io_executor e) { return talk(e, tamper, check); });
}

asio::awaitable<void> all_is_well(Relay& relay, std::uint64_t seq) {
  auto records = three_records();
  const PushReply pushed = co_await relay.push("ns", std::move(records));
  for (const auto status : pushed.statuses) CHECK(status == PushStatus::applied);
  CHECK(pushed.position == Position("epoch.run.history", seq));
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK_MESSAGE(page.answered, page.reason);
  CHECK(page.position == Position("epoch.run.history", 9));
}

TEST_CASE("mixed replies: an honest server is believed") {
  run([](int, const std::string& answer) { return answer; },
      [](Relay& relay, LyingServer& server) -> asio::awaitable<void> {
        co_await all_is_well(relay, 3);
        CHECK(server.connections() == 1);
      });
}

asio::awaitable<void> nothing_is_believed(Relay& relay, LyingServer& server) {
  auto records = three_records();
  const PushReply pushed = co_await relay.push("ns", std::move(records));
  for (const auto status : pushed.statuses) CHECK(status == PushStatus::unknown);
  CHECK(pushed.position.epoch.empty());
  CHECK_FALSE(pushed.reason.empty());
  CHECK(relay.stats().pushed == 0);
  CHECK(co_await comes_true([&] { return server.connections() == 2 && relay.state() == RelayState::up; }));
  co_await all_is_well(relay, 6);
}

TEST_CASE("mixed replies: one of a batch was lost, doubled, or another's") {
  const std::string foreign = apply_answer("0123456789abcdef.1", 7), refusal = "-OOM out of memory\r\n";
  const auto second = [](auto change) {
    return [change](int script, const std::string& answer) { return script == 2 ? change(answer) : answer; };
  };
  run(second([](const std::string&) { return std::string(); }), nothing_is_believed);
  run(second([](const std::string& answer) { return answer + answer; }), nothing_is_believed);
  run(second([=](const std::string&) { return foreign; }), nothing_is_believed);
  run(second([=](const std::string& answer) { return foreign + answer; }), nothing_is_believed);
  run(second([](const std::string&) { return std::string("+OK\r\n"); }), nothing_is_believed);
  // An error cannot name its request: the seal of the batch gives it away.
  run(second([=](const std::string&) { return refusal + refusal; }), nothing_is_believed);
  // The right number of replies, in the wrong order.
  auto held = std::make_shared<std::string>();
  run(
      [held](int script, const std::string& answer) {
        if (script != 1) return script == 2 ? answer + std::exchange(*held, {}) : answer;
        *held = answer;
        return std::string();
      },
      nothing_is_believed);
}

asio::awaitable<void> no_page_is_believed(Relay& relay, LyingServer& server) {
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK_FALSE(page.answered);
  CHECK_FALSE(page.reason.empty());
  CHECK(page.position.epoch.empty());
  CHECK(co_await comes_true([&] { return server.connections() == 2 && relay.state() == RelayState::up; }));
  co_await all_is_well(relay, 3);
}

TEST_CASE("mixed replies: a page was lost, doubled, or another's") {
  run([](int, const std::string&) { return std::string(); }, no_page_is_believed);
  run([](int, const std::string& answer) { return answer + answer; }, no_page_is_believed);
  run([](int, const std::string&) { return page_answer("0123456789abcdef"); }, no_page_is_believed);
  run([](int, const std::string& answer) { return "-OOM out of memory\r\n" + answer; }, no_page_is_believed);
}

}  // namespace
}  // namespace comem::testing
