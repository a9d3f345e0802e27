// comem agent-process (hidden): an agent in a process of its own that does what the lines on its input say
// and answers each with one line. The demo's second part talks to two of them.
//
//   save TEXT         saved ID OUTCOME MS      find WORDS        found COUNT MS
//   await MS WORDS    seen ID | missed         link up|down MS   yes | no
//   flush MS          yes | no                 digest MS         HASH RECORDS equal | different

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>

#include "cli/commands.hpp"
#include "cli/demo/report.hpp"
#include "cli/line_reader.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"

namespace comem::cli {
namespace asio = boost::asio;
namespace {

std::string take_word(std::string& line) {
  const auto end = line.find(' ');
  std::string word = line.substr(0, end);
  line.erase(0, end == std::string::npos ? end : end + 1);
  return word;
}

Milliseconds take_ms(std::string& line) {
  const auto word = take_word(line);
  Milliseconds::rep value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return Milliseconds(value);
}

void answer(std::string_view line) {
  print_line(line);
  flush_output();
}

awaitable<void> pause(Milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

awaitable<void> save(RedisMemoryAdapter* memory, std::string text) {
  NewMemory request(std::move(text));
  const Stopwatch watch;
  const auto result = co_await memory->remember(std::move(request));
  answer(fmt::format("saved {} {} {:.2f}", result.id, name_of(result.outcome), watch.ms()));
}

awaitable<void> find(RedisMemoryAdapter* memory, std::string words) {
  Query query(std::move(words));
  const Stopwatch watch;
  const auto hits = co_await memory->search(std::move(query));
  answer(fmt::format("found {} {:.2f}", hits.size(), watch.ms()));
}

awaitable<void> await_memory(RedisMemoryAdapter* memory, Milliseconds longest, std::string words) {
  const Stopwatch watch;
  while (watch.ms() < static_cast<double>(longest.count())) {
    Query query(words);
    const auto hits = co_await memory->search(std::move(query));
    if (!hits.empty()) {
      answer("seen " + common(hits.front().memory).id);
      co_return;
    }
    co_await pause(Milliseconds(1));
  }
  answer("missed");
}

awaitable<void> await_link(RedisMemoryAdapter* memory, bool up, Milliseconds longest) {
  const Stopwatch watch;
  while (memory->redis_available() != up && watch.ms() < static_cast<double>(longest.count()))
    co_await pause(Milliseconds(2));
  answer(memory->redis_available() == up ? "yes" : "no");
}

awaitable<void> obey(RedisMemoryAdapter* memory, std::string line) {
  const auto verb = take_word(line);
  if (verb == "save") {
    co_await save(memory, std::move(line));
  } else if (verb == "find") {
    co_await find(memory, std::move(line));
  } else if (verb == "await") {
    const auto longest = take_ms(line);
    co_await await_memory(memory, longest, std::move(line));
  } else if (verb == "link") {
    const bool up = take_word(line) == "up";
    co_await await_link(memory, up, take_ms(line));
  } else if (verb == "flush") {
    const bool shared = co_await memory->flush(take_ms(line));
    answer(shared ? "yes" : "no");
  } else if (verb == "digest") {
    const auto report = co_await memory->digest(take_ms(line));
    answer(fmt::format("{} {} {}", report.store.hash(), report.store.records(),
                       report.equal() ? "equal" : "different"));
  } else {
    answer("what");
  }
}

awaitable<int> run(Shell* shell) {
  auto memory = co_await shell->open(shell->options(), Use::write);
  answer("ready");
  LineReader orders(STDIN_FILENO, 65536);
  while (auto line = orders.next()) co_await obey(&memory, std::move(line->text));
  co_await memory.close(Milliseconds(0));
  co_return exit_ok;
}

}  // namespace

void add_agent_process(CLI::App& app, Shell& shell) {
  auto* command = app.add_subcommand("agent-process", "An agent that follows orders on its input")->group("");
  command->callback([&shell] { shell.select([&shell] { return run(&shell); }); });
}

}  // namespace comem::cli
