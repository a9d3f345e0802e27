// The workloads `visible`, `told` and `heard`: how long until another process finds, or is told of, what was
// saved here, or sent by the link alone.

#include <comem/error.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>

#include "adapters/redis/redis_relay.hpp"
#include "benchmarks/payload.hpp"
#include "benchmarks/workloads.hpp"
#include "cli/line_reader.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "core/envelope.hpp"
#include "storage/relay.hpp"

namespace comem::bench {
namespace asio = boost::asio;
namespace {

constexpr Milliseconds patience = std::chrono::seconds(15);
constexpr auto poll_pause = std::chrono::microseconds(100);

std::int64_t nanoseconds(Steady::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

/// Through Redis the other process has a file of its own; without, both share one.
std::vector<std::string> watcher_command(const Settings& settings) {
  const Options& options = settings.options;
  const bool redis = options.backend == Backend::redis;
  std::vector<std::string> command{
      cli::own_program(), "--watcher", "--workload",
      settings.workload,  "--db",      options.database + (redis ? ".watcher" : ""),
      "--namespace",      options.ns};
  if (redis) {
    command.emplace_back("--redis");
    command.push_back(options.redis_url);
  }
  return command;
}

std::string expect_line(cli::Process& watcher) {
  auto line = watcher.receive(patience);
  if (!line)
    throw Error(errc::timed_out, "the watching process found nothing within 15 s; is Redis reachable?");
  return *line;
}

/// The watcher's next line, as its clock's nanoseconds.
std::int64_t expect_time(cli::Process& watcher) {
  const auto line = expect_line(watcher);
  std::int64_t time = 0;
  std::from_chars(line.data(), line.data() + line.size(), time);
  return time;
}

void print_time() {
  cli::print_line(std::to_string(nanoseconds(Steady::now())));
  cli::flush_output();
}

awaitable<void> await_word(RedisMemoryAdapter* memory, std::string word) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  const auto end = Steady::now() + patience;
  while (Steady::now() < end) {
    Query query(word);
    const auto hits = co_await memory->search(std::move(query));
    if (!hits.empty()) break;
    timer.expires_after(poll_pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace

awaitable<Measurement> run_visible(RedisMemoryAdapter* memory, const Settings* settings) {
  cli::Process watcher(watcher_command(*settings));
  expect_line(watcher);  // it is up
  Words words(settings->seed);
  Measurement measured;
  measured.start();
  for (std::size_t i = 0; i < settings->n; ++i) {
    const auto word = fmt::format("v{}x", i + 100'000);  // no other memory has it
    watcher.send(word);
    expect_line(watcher);  // it has looked once in vain
    NewEpisode episode(words.text(prompt_words - 1) + " " + word);
    episode.content(words.text(content_words - 1) + " " + word);
    const auto begin = nanoseconds(Steady::now());
    co_await memory->save_episode(std::move(episode));
    measured.add(static_cast<double>(expect_time(watcher) - begin) / 1e6);
  }
  measured.stop();
  co_return measured;
}

awaitable<Measurement> run_told(RedisMemoryAdapter* memory, const Settings* settings) {
  cli::Process watcher(watcher_command(*settings));
  expect_line(watcher);  // it has subscribed
  Words words(settings->seed);
  Measurement measured, since_answer;
  measured.start();
  for (std::size_t i = 0; i < settings->n; ++i) {
    NewEpisode episode(words.text(prompt_words));
    episode.content(words.text(content_words));
    const auto begin = nanoseconds(Steady::now());
    co_await memory->save_episode(std::move(episode));
    const auto answered = nanoseconds(Steady::now());
    const auto told = expect_time(watcher);
    measured.add(static_cast<double>(told - begin) / 1e6);
    since_answer.add(static_cast<double>(told - answered) / 1e6);
  }
  measured.stop();
  measured.note("p50_ms_since_answer", since_answer.percentile(0.5));
  co_return measured;
}

namespace {

/// The link to Redis alone, without a store.
class Sender : public storage::RelayListener {
 public:
  Sender(const Options& options, asio::any_io_executor executor)
      : ns_(options.ns), relay_(redis::make_redis_relay(options, executor)) {
    relay_->start(*this);
  }
  void on_relay_state(RelayState, const std::string&) override {}
  void on_relay_hint(const std::string&, storage::Hint) override {}

  awaitable<void> send(const std::string& id, const std::string& text) {
    Record record;
    record.key = RecordKey(ns_, MemoryType::episodic, id);
    record.version = Version{system_clock().now().time_since_epoch().count(), 0, "sender"};
    record.writer = "sender";
    record.value = wrap_value("{\"text\":\"" + text + "\"}", 1u << 20);
    std::vector<Record> records;
    records.push_back(std::move(record));
    const auto reply = co_await relay_->push(ns_, std::move(records));
    if (reply.statuses.at(0) != storage::PushStatus::applied) throw Error(errc::unavailable, reply.reason);
  }
  awaitable<void> stop() { return relay_->stop(); }

 private:
  const std::string ns_;
  const std::unique_ptr<storage::Relay> relay_;
};

}  // namespace

awaitable<Measurement> run_heard(RedisMemoryAdapter*, const Settings* settings) {
  if (settings->options.backend != Backend::redis) throw Error(errc::invalid_argument, "heard needs --redis");
  const auto executor = co_await asio::this_coro::executor;
  cli::Process watcher(watcher_command(*settings));
  expect_line(watcher);  // it has subscribed
  Sender sender(settings->options, executor);
  Words words(settings->seed);
  const auto text = words.text(prompt_words + content_words);
  Measurement measured;
  for (std::size_t i = 0; i <= settings->n; ++i) {
    const auto begin = nanoseconds(Steady::now());
    co_await sender.send(std::to_string(i), text);
    const auto told = expect_time(watcher);
    if (i == 0) measured.start();  // the first connects, and loads the script
    if (i > 0) measured.add(static_cast<double>(told - begin) / 1e6);
  }
  measured.stop();
  co_await sender.stop();
  co_return measured;
}

awaitable<int> watch_for_words(Options options) {
  options.agent_id += "-watcher";
  auto memory = co_await create_memory_adapter(std::move(options));
  cli::print_line("up");
  cli::flush_output();
  cli::LineReader words(STDIN_FILENO, 1024);
  while (auto word = words.next()) {
    Query query(word->text);
    co_await memory.search(std::move(query));
    cli::print_line("ready");
    cli::flush_output();
    co_await await_word(&memory, word->text);
    print_time();
  }
  co_await memory.close(Milliseconds(0));
  co_return 0;
}

awaitable<int> watch_for_changes(Options options) {
  options.agent_id += "-watcher";
  auto memory = co_await create_memory_adapter(std::move(options));
  auto changes = co_await memory.subscribe();
  cli::print_line("up");
  cli::flush_output();
  for (;;) {  // until it is killed with its parent's handle
    const auto change = co_await changes.next();
    if (!change) break;
    if (change->type == MemoryType::episodic) print_time();
  }
  co_return 0;
}

}  // namespace comem::bench
