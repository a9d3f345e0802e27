#include "tests/torture/writers.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace comem::torture {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_recent = 64;

MemoryType type_of(const std::string& id) {
  return id.empty() || id.back() % 2 == 0 ? MemoryType::episodic : MemoryType::semantic;
}

std::string word_for(const Error& error) {
  if (error.code() == errc::unknown_outcome) return "unknown";
  return error.code() == errc::not_found ? "not_found" : "rejected";
}

}  // namespace

std::string text_of(const std::string& token, std::size_t padding) {
  std::string text = token + " ";
  std::uint64_t state = 88172645463325252u;
  for (const char c : token) state = state * 31 + static_cast<unsigned char>(c);
  while (text.size() < token.size() + 1 + padding) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    text += fmt::format("{:x} ", state % 65536);
  }
  return text;
}

std::string token_of(const std::string& text) {
  const auto blank = text.find(' ');
  if (blank == std::string::npos) return "broken";
  const std::string token = text.substr(0, blank);
  // The filler ends with a whole word, so any length up to that of the text gives the text again.
  const std::string whole = text_of(token, text.size() - token.size() - 1);
  return whole == text ? token : "broken";
}

struct Writers::Attempt {
  Attempt() = default;
  Kind kind = Kind::save;
  std::string id;
  std::string token;
};

Writers::Writers(asio::io_context& context, RedisMemoryAdapter& memory, const AgentOptions& options,
                 LedgerFile& ledger)
    : context_(context),
      memory_(memory),
      options_(options),
      ledger_(ledger),
      changed_(context.get_executor()),
      random_(options.seed),
      allowed_(options.paused ? 0 : options.count) {}

void Writers::start() {
  for (int i = 0; i < options_.writers; ++i)
    asio::co_spawn(context_, run(i), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
}

void Writers::resume(std::int64_t count) {
  allowed_ = count;
  changed_.notify();
}

awaitable<void> Writers::pause() {
  allowed_ = 0;
  co_await idle();
}

awaitable<void> Writers::idle() {
  while (allowed_ != 0 || in_flight_ != 0) co_await changed_.wait();
}

void Writers::stop() {
  stopped_ = true;
  changed_.notify();
}

Writers::Totals Writers::take_totals() {
  Totals out = totals_;
  totals_.longest_us = 0;
  return out;
}

awaitable<void> Writers::run(int number) {
  const double pause_s = options_.rate > 0 ? options_.writers / options_.rate : 0;
  const auto interval = std::chrono::microseconds(static_cast<std::int64_t>(pause_s * 1e6));
  Signal nobody(context_.get_executor());
  // Spread over the interval, so that a slow pace is an even one.
  SteadyTime next = std::chrono::steady_clock::now() + interval * number / std::max(options_.writers, 1);
  while (!stopped_) {
    if (allowed_ == 0) {
      co_await changed_.wait();
      next = std::chrono::steady_clock::now() + interval * number / std::max(options_.writers, 1);
      continue;
    }
    if (interval.count() > 0 && std::chrono::steady_clock::now() < next) {
      co_await nobody.wait(next);
      continue;
    }
    next = std::max(next + interval, std::chrono::steady_clock::now() - interval);
    if (allowed_ > 0) --allowed_;
    ++in_flight_;
    co_await write_one();
    --in_flight_;
    if (allowed_ == 0) changed_.notify();
  }
}

std::string Writers::new_token() {
  return fmt::format("{}:{}", options_.prefix, ++tokens_);
}

Writers::Attempt Writers::choose() {
  Attempt attempt;
  attempt.token = new_token();
  const auto dice = options_.own_only ? 20 + random_() % 80 : random_() % 100;
  if (dice < 15) {
    attempt.kind = Kind::execute;
    attempt.id = fmt::format("skill-{}", random_() % shared_skills);
  } else if (dice < 20) {
    attempt.kind = dice == 15 ? Kind::forget : Kind::save;
    attempt.id = fmt::format("shared.{}", random_() % shared_ids);
  } else if (dice < 45 && !recent_.empty()) {
    const auto place = random_() % recent_.size();
    attempt.kind = dice < 30 ? Kind::forget : Kind::update;
    attempt.id = recent_[place];
    if (attempt.kind == Kind::forget) recent_.erase(recent_.begin() + static_cast<std::ptrdiff_t>(place));
  } else {
    const auto number = options_.ids == 0 ? saves_++ : random_() % options_.ids;
    attempt.id = fmt::format("{}.{:08}", options_.prefix, number);
  }
  return attempt;
}

awaitable<WriteResult> Writers::update(std::string id, std::string token) {
  auto found = co_await memory_.get(id);
  if (!found) throw Error(errc::not_found, "forgotten meanwhile");
  common(*found).content = text_of(token, options_.padding);
  auto updating = memory_.update(std::move(*found));
  WriteResult result = co_await std::move(updating);
  co_return result;
}

awaitable<WriteResult> Writers::call(Kind kind, std::string id, std::string token) {
  WriteResult result;
  if (kind == Kind::save) {
    NewMemory memory(text_of(token, options_.padding));
    memory.type(type_of(id)).id(std::move(id));
    result = co_await memory_.remember(std::move(memory));
  } else if (kind == Kind::update) {
    result = co_await update(std::move(id), std::move(token));
  } else if (kind == Kind::forget) {
    result = co_await memory_.forget(std::move(id));
  } else {
    WriteOptions options;
    options.operation(std::move(token));
    result =
        co_await memory_.record_skill_execution(std::move(id), true, Milliseconds(1), std::move(options));
  }
  co_return result;
}

void Writers::note(const Attempt& attempt, const WriteResult& result) {
  ++totals_.acknowledged;
  const bool pending = result.outcome == Outcome::pending;
  if (pending) ++totals_.pending;
  if (options_.acknowledges_early) return;
  const bool nothing = attempt.kind == Kind::forget && !result.changed;
  ledger_.acknowledge(static_cast<char>(attempt.kind), attempt.id, attempt.token, result.version,
                      nothing ? "nothing" : (pending ? "pending" : "ok"));
}

void Writers::note_failure(const Attempt& attempt, const Error& error) {
  ++totals_.failed;
  totals_.last_error = error.what();
  ledger_.failed(static_cast<char>(attempt.kind), attempt.id, attempt.token, word_for(error));
}

awaitable<void> Writers::write_one() {
  const Attempt attempt = choose();
  ++totals_.attempts;
  ledger_.attempt(static_cast<char>(attempt.kind), attempt.id, attempt.token);
  if (options_.acknowledges_early)
    ledger_.acknowledge(static_cast<char>(attempt.kind), attempt.id, attempt.token, Version(), "ok");
  const auto begin = std::chrono::steady_clock::now();
  try {
    auto calling = call(attempt.kind, attempt.id, attempt.token);
    const WriteResult result = co_await std::move(calling);
    note(attempt, result);
    if (attempt.kind == Kind::save && attempt.id.starts_with(options_.prefix)) {
      recent_.push_back(attempt.id);
      if (recent_.size() > most_recent) recent_.pop_front();
    }
  } catch (const Error& error) {
    note_failure(attempt, error);
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  totals_.longest_us = std::max<std::int64_t>(
      totals_.longest_us, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  if (options_.searches && random_() % 50 == 0) co_await look();
}

awaitable<void> Writers::look() {
  Query query(fmt::format("{:x} {:x}", random_() % 65536, random_() % 65536));
  const auto found = co_await memory_.search(std::move(query));
  if (found.size() > 10) std::abort();  // a search has its limit
}

}  // namespace comem::torture
