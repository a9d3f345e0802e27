// The relay on a real server: what it writes there, and what foreign hands may have done to it.

#include "adapters/redis/redis_relay.hpp"

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include <fmt/format.h>

#include "adapters/redis/keys.hpp"
#include "core/ids.hpp"
#include "tests/contract/relay_contract.hpp"
#include "tests/integration/relay_on_server.hpp"

namespace comem::testing {
namespace {

using redis::Keys;
using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;
using storage::Relay;

class ManualClock : public Clock {
 public:
  TimePoint now() const override { return time; }
  SteadyTime steady() const override { return SteadyTime(time.time_since_epoch()); }
  TimePoint time = system_clock().now();
};

Record tombstone_of(Record record) {
  record.version.ms += 1;
  record.deleted = true;
  record.value.clear();
  return record;
}

std::string exists(RedisServer& server, const std::string& key) {
  return server.command({"EXISTS", key});
}

const std::string yes = ":1\r\n", no = ":0\r\n";

asio::awaitable<void> check_layout(Relay& relay, RedisServer& server) {
  const std::string ns = "de{f}:%";
  const Keys keys(ns);
  Record episode = sample_record(ns, "e:1", 1000);
  episode.lookup = "s{1}";
  Record skill = sample_record(ns, "k1", 1000, MemoryType::skill);
  skill.lookup = "my:skill";
  Record step = sample_record(ns, "w1", 1000, MemoryType::working);
  step.lookup = "agent 1";
  Record session = sample_record(ns, "s{1}", 1000, MemoryType::session);
  CHECK(co_await push_one(relay, episode) == PushStatus::applied);
  CHECK(co_await push_one(relay, skill) == PushStatus::applied);
  CHECK(co_await push_one(relay, step) == PushStatus::applied);
  CHECK(co_await push_one(relay, session) == PushStatus::applied);

  const std::string value = "$" + std::to_string(episode.value.size()) + "\r\n" + episode.value + "\r\n";
  CHECK(server.command({"GET", "{de%7Bf%7D%3A%25}:memory:episodic:e%3A1"}) == value);
  CHECK(server.command({"GET", "{de%7Bf%7D%3A%25}:agent:agent 1:working:w1"}) == value);
  CHECK(server.command({"GET", "{de%7Bf%7D%3A%25}:session:s%7B1%7D"}) == value);
  CHECK(server.command({"GET", "{de%7Bf%7D%3A%25}:skill:name:my%3Askill"}) == "$2\r\nk1\r\n");
  CHECK(server.command({"ZRANGE", "{de%7Bf%7D%3A%25}:session:s%7B1%7D:episodes", "0", "-1"}) ==
        "*1\r\n$3\r\ne:1\r\n");
  CHECK(server.command({"ZSCORE", keys.index(MemoryType::episodic), "e:1"}) == "$5\r\n0.625\r\n");
  CHECK(server.command({"ZSCORE", keys.log(), "episodic:e:1"}) == "$1\r\n1\r\n");
  CHECK(server.command({"ZSCORE", keys.log(), "session:s{1}"}) == "$1\r\n4\r\n");
  CHECK(server.command({"HGET", keys.state(), "seq"}) == "$1\r\n4\r\n");
  const auto ttl = std::stol(server.command({"PTTL", keys.value(MemoryType::episodic, "e:1", "")}).substr(1));
  CHECK(ttl > 3'600'000);
  CHECK(ttl <= 3'900'000);

  // A skill that changes its name is found by the new one only; an episode that changes its session likewise.
  skill.version.ms = episode.version.ms = 2000;
  skill.lookup = "other";
  episode.lookup = "s2";
  CHECK(co_await push_one(relay, skill) == PushStatus::applied);
  CHECK(co_await push_one(relay, episode) == PushStatus::applied);
  CHECK(exists(server, keys.lookup(MemoryType::skill, "my:skill")) == no);
  CHECK(exists(server, keys.lookup(MemoryType::skill, "other")) == yes);
  CHECK(exists(server, keys.lookup(MemoryType::episodic, "s{1}")) == no);
  CHECK(exists(server, keys.lookup(MemoryType::episodic, "s2")) == yes);

  // What is deleted leaves its tombstone and its place in the log, and nothing else.
  for (const auto& record : {episode, skill, step, session}) {
    CHECK(co_await push_one(relay, tombstone_of(record)) == PushStatus::applied);
    CHECK(exists(server, keys.value(record.key.type, record.key.id, record.lookup)) == no);
    CHECK(exists(server, keys.index(record.key.type)) == no);
    CHECK(server.command({"HEXISTS", keys.metas(), Keys::member(record.key.type, record.key.id)}) == yes);
  }
  CHECK(exists(server, keys.lookup(MemoryType::skill, "other")) == no);
  CHECK(exists(server, keys.lookup(MemoryType::episodic, "s2")) == no);
  CHECK(server.command({"ZCARD", keys.log()}) == ":4\r\n");
}

TEST_CASE("redis relay: what it writes") {
  run_on_both(check_layout);
}

asio::awaitable<void> check_no_expiry(Relay& relay, RedisServer& server) {
  const Keys keys("ns");
  Record record = sample_record("ns", "a", 1000);
  record.lookup = "s";
  CHECK(co_await push_one(relay, record) == PushStatus::applied);
  record.version.ms = 2000;
  record.expires_at = no_expiry;
  CHECK(co_await push_one(relay, record) == PushStatus::applied);
  for (const auto& key : {keys.value(MemoryType::episodic, "a", ""), keys.lookup(MemoryType::episodic, "s")})
    CHECK_MESSAGE(server.command({"PTTL", key}) == ":-1\r\n", key);
  CHECK(exists(server, keys.expiry()) == no);
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  REQUIRE(page.records.size() == 1);
  CHECK(page.records[0].expires_at == no_expiry);
}

TEST_CASE("redis relay: a record that no longer expires") {
  run_on_both(check_no_expiry);
}

asio::awaitable<void> check_sweep(Relay& relay, RedisServer& server, ManualClock* clock) {
  const Keys keys("ns");
  const TimePoint begun = clock->time;
  std::vector<Record> records;
  for (int i = 0; i < 40; ++i) {
    const auto type = i % 2 == 0 ? MemoryType::episodic : MemoryType::skill;
    Record record = sample_record("ns", fmt::format("dead{}", i), 1000, type);
    record.lookup = fmt::format("by{}", i);
    record.expires_at = begun - std::chrono::hours(2);
    if (i == 7) record = tombstone_of(record);
    records.push_back(record);
  }
  // Two hours ago, when they were alive: their keys outlive this test, so only the sweep can remove them.
  clock->time = begun - std::chrono::hours(3);
  const PushReply pushed = co_await push(relay, records);
  for (const auto status : pushed.statuses) CHECK(status == PushStatus::applied);
  CHECK(server.command({"ZCARD", keys.log()}) == ":40\r\n");
  // Still within the grace of five minutes.
  clock->time = begun - std::chrono::hours(2) + std::chrono::minutes(4);
  CHECK(co_await push_one(relay, sample_record("ns", "live", 1)) == PushStatus::applied);
  CHECK(server.command({"ZCARD", keys.log()}) == ":41\r\n");
  clock->time = begun;
  CHECK(co_await push_one(relay, sample_record("ns", "live", 2)) == PushStatus::applied);
  CHECK(server.command({"ZCARD", keys.log()}) == ":25\r\n");  // sixteen a time
  CHECK(co_await push_one(relay, sample_record("ns", "live", 2)) == PushStatus::superseded);
  CHECK(co_await push_one(relay, sample_record("ns", "live", 3)) == PushStatus::applied);
  CHECK(server.command({"ZRANGE", keys.log(), "0", "-1"}) == "*1\r\n$13\r\nepisodic:live\r\n");
  CHECK(server.command({"ZCARD", keys.expiry()}) == ":1\r\n");
  CHECK(server.command({"ZCARD", keys.index(MemoryType::episodic)}) == ":1\r\n");
  CHECK(exists(server, keys.index(MemoryType::skill)) == no);
  CHECK(server.command({"HLEN", keys.metas()}) == ":1\r\n");
  // value, metas, index, log, expiry, state: nothing of the dead.
  CHECK(server.command({"DBSIZE"}) == ":6\r\n");
}

TEST_CASE("redis relay: nothing grows with dead members") {
  ManualClock clock;
  Options options;
  options.clock = &clock;
  const auto begun = clock.time;
  run_on_both(
      [&](Relay& relay, RedisServer& server) {
        clock.time = begun;
        return check_sweep(relay, server, &clock);
      },
      options);
}

asio::awaitable<void> check_dead_on_arrival(Relay& relay, RedisServer&) {
  Record record = sample_record("ns", "a", 1000);
  record.expires_at = system_clock().now() - std::chrono::hours(24);
  CHECK(co_await push_one(relay, record) == PushStatus::applied);
  // Whoever holds an older version with a later expiry must still hear of this one.
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK(page.records.size() == 1);
}

TEST_CASE("redis relay: a record that expired before it was shared is handed on for a while") {
  run_on_both(check_dead_on_arrival);
}

asio::awaitable<void> check_unloaded(Relay& relay, RedisServer& server) {
  for (int i = 1; i < 4; ++i) {
    server.command({"SCRIPT", "FLUSH"});
    CHECK(co_await push_one(relay, sample_record("ns", "a", i)) == PushStatus::applied);
    server.command({"SCRIPT", "FLUSH"});
    const PullReply page = co_await relay.pull("ns", Position(), 10);
    CHECK(page.answered);
    CHECK(page.records.size() == 1);
  }
}

TEST_CASE("redis relay: flushed scripts are loaded again") {
  run_on_both(check_unloaded);
}

asio::awaitable<void> check_sizes(Relay& relay, RedisServer&) {
  std::vector<Record> records;
  for (int i = 0; i < 12; ++i) {
    records.push_back(sample_record("ns", fmt::format("r{}", i), 1000));
    records.back().value = std::string(1'000'000, 'v');
  }
  records[5].value.assign(9'000'000, 'v');
  const PushReply reply = co_await push(relay, records);
  for (std::size_t i = 0; i < records.size(); ++i)
    CHECK((reply.statuses[i] == PushStatus::applied) == (i != 5));
  CHECK(reply.statuses[5] == PushStatus::refused);
  CHECK(reply.reason.find("bytes") != std::string::npos);
  std::size_t found = 0, pages = 0;
  PullReply page;
  do {
    page = co_await relay.pull("ns", page.position, 1000);
    REQUIRE(page.answered);
    CHECK(page.records.size() <= 2);
    found += page.records.size();
    ++pages;
  } while (page.more);
  CHECK(found == 11);
  CHECK(pages == 6);
}

TEST_CASE("redis relay: pages and requests are bounded in bytes") {
  run_on_both(check_sizes);
}

const std::vector<std::string> needed_commands{
    "+evalsha",   "+script|load",    "+get",   "+set",     "+del",    "+strlen",
    "+exists",    "+type",           "+hget",  "+hdel",    "+hmget",  "+hset",
    "+hincrby",   "+zadd",           "+zcard", "+zrem",    "+zscore", "+zrangebyscore",
    "+zrevrange", "+pexpire",        "+pttl",  "+persist", "+time",   "+publish",
    "+subscribe", "+hello",          "+ping",  "+echo",    "+wait",   "+info",
    "+select",    "+client|setname", "+eval"};

asio::awaitable<void> check_restricted(Relay& relay, RedisServer&) {
  RecordingListener listener;
  Record record = sample_record("ns", "a", 1, MemoryType::skill);
  record.lookup = "name";
  record.counters.raise("s", Counter::executions, 1);
  CHECK(co_await push_one(relay, record) == PushStatus::applied);
  CHECK(co_await push_one(relay, sample_record("ns", "b", 1)) == PushStatus::applied);
  record.version.ms = 2;
  record.lookup = "other";
  CHECK(co_await push_one(relay, record) == PushStatus::applied);
  CHECK(co_await push_one(relay, tombstone_of(record)) == PushStatus::applied);
  const PullReply page = co_await relay.pull("ns", Position(), 10);
  CHECK(page.records.size() == 2);
  const storage::DigestPage digest = co_await relay.digest("ns", Position(), system_clock().now());
  CHECK_MESSAGE(digest.answered, digest.reason);
  DigestBuckets all;
  const storage::HeadPage heads = co_await relay.heads("ns", Position(), system_clock().now(), all);
  CHECK(heads.heads.size() == 2);
  std::vector<RecordKey> keys{record.key};
  const PullReply fetched = co_await relay.fetch("ns", std::move(keys));
  CHECK(fetched.records.size() == 1);
  CHECK(co_await relay.replicated("ns", page.position.epoch, 0, Milliseconds(1000)));
  std::vector<Record> foreign{sample_record("forbidden", "a", 1)};
  const PushReply refused = co_await push(relay, foreign);
  CHECK(refused.statuses.at(0) == PushStatus::refused);
  CHECK(refused.reason.find("lacks a permission") != std::string::npos);
}

TEST_CASE("redis relay: a user with exactly the documented rights") {
  for (const auto kind : {ServerKind::redis, ServerKind::valkey}) {
    if (!RedisServer::installed(kind)) continue;
    ServerOptions server_options;
    server_options.kind = kind;
    RedisServer server(server_options);
    std::vector<std::string> words{"ACL", "SETUSER", "agent", "on", ">p@ss", "~{ns}:*", "&{ns}:*"};
    words.insert(words.end(), needed_commands.begin(), needed_commands.end());
    REQUIRE(server.command(words) == "+OK\r\n");
    Options options;
    options.redis_username = "agent";
    options.redis_password = "p@ss";
    run(server, options, check_restricted);
  }
}

asio::awaitable<void> check_diagnosis(Relay& relay, RedisServer& server) {
  relay.watch("ns");
  auto findings = co_await relay.diagnose();
  CHECK(findings.size() == 7);
  for (const auto& finding : findings)
    CHECK_MESSAGE(finding.severity == Finding::Severity::ok, finding.subject << ": " << finding.text);
  server.command({"CONFIG", "SET", "maxmemory", "100mb"});
  server.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  findings = co_await relay.diagnose();
  bool warned = false;
  for (const auto& finding : findings)
    warned = warned || finding.remedy.find("noeviction") != std::string::npos;
  CHECK(warned);
  server.pause();
  const auto begun = std::chrono::steady_clock::now();
  findings = co_await relay.diagnose();
  CHECK(std::chrono::steady_clock::now() - begun < Milliseconds(2000));
  server.resume();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Finding::Severity::error);
  CHECK_FALSE(findings[0].remedy.empty());
}

TEST_CASE("redis relay: diagnosis") {
  run_on_both(check_diagnosis);
}

TEST_CASE("redis relay: options that cannot be") {
  asio::io_context io;
  const auto refused = [&](auto change) {
    Options options;
    change(options);
    try {
      redis::make_redis_relay(options, io.get_executor());
    } catch (const Error& error) {
      return std::string(error.what()).find("hunter2") == std::string::npos;
    }
    return false;
  };
  CHECK(refused([](Options& o) { o.redis_url = "http://x"; }));
  CHECK(refused([](Options& o) { o.redis_url = "redis://:hunter2@h:x"; }));
  CHECK(refused([](Options& o) { o.redis_username = "user"; }));
  CHECK(refused([](Options& o) { o.redis_timeout = Milliseconds(0); }));
  CHECK(refused([](Options& o) {
    o.redis_url = "rediss://h";
    o.redis_ca_file = "/nonexistent";
  }));
}

}  // namespace
}  // namespace comem::testing
