#include "tests/torture/orders.hpp"

#include <malloc.h>
#include <sqlite3.h>
#include <unistd.h>

#include <comem/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

namespace comem::torture {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page = 500;

std::string line_of(const AnyMemory& any) {
  if (const auto* skill = std::get_if<Skill>(&any))
    return fmt::format("skill {} {} {}", skill->name, skill->executions, skill->successes);
  const Memory& memory = common(any);
  return fmt::format("{} {} {} {} {} {}", name_of(memory.type), memory.id, memory.version.ms,
                     memory.version.counter, memory.version.store, token_of(memory.content));
}

std::uint64_t live_in(const Stats& stats) {
  std::uint64_t live = 0;
  for (const auto& [type, count] : stats.live)
    if (type != MemoryType::session) live += count;
  return live;
}

std::uint64_t hash(std::string_view text) {
  std::uint64_t out = 14695981039346656037u;
  for (const char c : text) out = (out ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return out;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

Orders::Orders(asio::io_context& context, RedisMemoryAdapter& memory, Writers& writers, ShiftedClock& clock)
    : input_(context, ::dup(STDIN_FILENO)), memory_(memory), writers_(writers), clock_(clock) {}

void Orders::say(const std::string& line) {
  out_ += line;
  out_ += '\n';
  if (out_.size() > 60000) send();
}

void Orders::send() {
  std::size_t done = 0;
  while (done < out_.size()) {
    const auto written = ::write(STDOUT_FILENO, out_.data() + done, out_.size() - done);
    if (written < 0) std::_Exit(4);  // the driver is gone
    done += static_cast<std::size_t>(written);
  }
  out_.clear();
}

awaitable<void> Orders::serve() {
  say("ready");
  send();
  std::string buffer;
  while (!quit_) {
    boost::system::error_code end;
    auto reading = asio::async_read_until(input_, asio::dynamic_buffer(buffer), '\n',
                                          asio::redirect_error(asio::use_awaitable, end));
    const std::size_t size = co_await std::move(reading);
    if (end) co_return;
    std::string line = buffer.substr(0, size - 1);
    buffer.erase(0, size);
    co_await answer(std::move(line));
    say(".");
    send();
  }
}

awaitable<void> Orders::answer(std::string line) {
  try {
    auto words = words_of(line);
    if (!words.empty()) co_await obey(std::move(words));
  } catch (const std::exception& error) {
    say(fmt::format("error {}", error.what()));
  }
}

awaitable<void> Orders::obey(std::vector<std::string> words) {
  const std::string& order = words[0];
  const std::string value = words.size() > 1 ? words[1] : std::string();
  if (order == "dump") {
    co_await dump(value);
  } else if (order == "sum") {
    co_await sum();
  } else if (order == "flush") {
    const bool flushed = co_await memory_.flush(Milliseconds(std::stoll(value)));
    say(fmt::format("flushed {}", flushed ? 1 : 0));
  } else if (order == "stats") {
    co_await stats();
  } else if (order == "memory") {
    co_await memory();
  } else if (order == "pause") {
    co_await writers_.pause();
  } else if (order == "resume") {
    writers_.resume(value.empty() ? -1 : std::stoll(value));
  } else if (order == "write") {
    writers_.resume(std::stoll(value));
    co_await writers_.idle();
  } else if (order == "digest") {
    co_await digest();
  } else if (order == "retry") {
    WriteOptions options;
    options.operation(words.at(2));
    co_await memory_.record_skill_execution(value, true, Milliseconds(1), std::move(options));
  } else if (order == "clock") {
    clock_.shift(std::stoll(value));
  } else if (order == "diagnose") {
    co_await diagnose();
  } else if (order == "quit") {
    writers_.stop();
    quit_ = true;
    co_await memory_.close();
  } else {
    say("error no such order");
  }
}

awaitable<void> Orders::add_lines(MemoryType type, std::string prefix) {
  std::string after = prefix;
  for (;;) {
    const auto memories = co_await memory_.list(type, page, after);
    if (memories.empty()) co_return;
    for (const auto& memory : memories) {
      const std::string& id = common(memory).id;
      if (type != MemoryType::skill && !id.starts_with(prefix)) co_return;
      say(line_of(memory));
    }
    after = common(memories.back()).id;
  }
}

awaitable<void> Orders::dump(std::string prefix) {
  co_await add_lines(MemoryType::episodic, prefix);
  co_await add_lines(MemoryType::semantic, prefix);
  co_await add_lines(MemoryType::skill, std::string());
}

awaitable<void> Orders::sum() {
  std::uint64_t count = 0, all = 0;
  for (const auto type : long_term_types) {
    std::string after;
    for (;;) {
      const auto memories = co_await memory_.list(type, page, after);
      if (memories.empty()) break;
      for (const auto& memory : memories) all += hash(line_of(memory));
      count += memories.size();
      after = common(memories.back()).id;
    }
  }
  say(fmt::format("sum {} {:016x}", count, all));
}

awaitable<void> Orders::digest() {
  const DigestReport report = co_await memory_.digest();
  say(fmt::format("digest {} {}", report.store.records(), report.store.hash()));
}

awaitable<void> Orders::stats() {
  const auto totals = writers_.take_totals();
  const Stats stats = co_await memory_.stats();
  say(fmt::format("attempts {}", totals.attempts));
  say(fmt::format("acknowledged {}", totals.acknowledged));
  say(fmt::format("pending {}", totals.pending));
  say(fmt::format("failed {}", totals.failed));
  say(fmt::format("longest_us {}", totals.longest_us));
  say(fmt::format("live {}", live_in(stats)));
  say(fmt::format("unshared {}", stats.unshared));
  say(fmt::format("skipped {}", stats.relay.skipped));
  say(fmt::format("relay {}", name_of(stats.relay.state)));
  say(fmt::format("reason {}", stats.relay.reason));
  say(fmt::format("last_error {}", totals.last_error));
}

// The allocator first gives back what nobody uses: what it keeps of earlier peaks, once somebody was slow or
// away, grows for hours and is no leak.
awaitable<void> Orders::memory() {
  const Stats stats = co_await memory_.stats();
  ::malloc_trim(0);
  const auto heap = ::mallinfo2();
  say(fmt::format("heap_in_use {}", heap.uordblks + heap.hblkhd));
  say(fmt::format("sqlite_in_use {}", ::sqlite3_memory_used()));
  say(fmt::format("live {}", live_in(stats)));
  say(fmt::format("index_documents {}", stats.index_documents));
  say(fmt::format("index_terms {}", stats.index_terms));
  say(fmt::format("tombstones {}", stats.tombstones));
  say(fmt::format("unshared {}", stats.unshared));
}

awaitable<void> Orders::diagnose() {
  const auto findings = co_await memory_.diagnose();
  for (const auto& finding : findings) {
    if (finding.severity == Finding::Severity::error)
      say(fmt::format("{}: {}", finding.subject, finding.text));
  }
}

}  // namespace comem::torture
