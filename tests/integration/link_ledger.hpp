#pragma once
// Requests of which the test knows afterwards what the link said of them and what the server really did.

#include <boost/asio/co_spawn.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <string>

#include "adapters/redis/link.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {

/// Each request increments a counter of its own and echoes a nonce of its own, in one pipeline. Used on one
/// strand.
class LinkLedger {
 public:
  using Outcome = redis::Reply::Outcome;

  /// How late an answer may be on a machine that is busy with other things.
  static constexpr Milliseconds patience{1000};

  struct Entry {
    std::string nonce;
    Milliseconds within{0}, took{0};
    redis::Reply reply;
    bool done = false;

    bool is(Outcome outcome) const { return done && reply.outcome == outcome; }
    /// It was answered with what it had asked for.
    bool right() const {
      return is(Outcome::answered) && reply.values.size() == 2 && reply.values[0].integer == 1 &&
             reply.values[1].text == nonce;
    }
    /// It was answered with what somebody else had asked for, and its own nonce tells.
    bool noticed() const {
      return is(Outcome::answered) && (reply.values.size() != 2 || reply.values[1].text != nonce);
    }
  };

  /// `sealed`: the requests are, so that no caller has to look at a nonce.
  explicit LinkLedger(std::string name, bool sealed = false) : name_(std::move(name)), sealed_(sealed) {}
  LinkLedger(const LinkLedger&) = delete;
  LinkLedger& operator=(const LinkLedger&) = delete;

  static std::size_t request_bytes() { return make("nonce-000000").bytes().size(); }

  /// One request to its end. Both must live until then.
  asio::awaitable<const Entry*> ask(redis::Link& link, Milliseconds within) {
    Entry& entry = entries_.emplace_back();
    entry.nonce = name_ + "-" + std::to_string(100'000 + entries_.size());
    entry.within = within;
    redis::Request request = make(entry.nonce);
    if (sealed_) request.sealed(entry.nonce + "-seal");
    request.within(within);
    const auto begun = std::chrono::steady_clock::now();
    entry.reply = co_await link.request(std::move(request));
    entry.took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begun);
    entry.done = true;
    co_return &entry;
  }

  /// `count` requests at the same time; answers when all have ended. The entries are the last ones of all().
  asio::awaitable<void> burst(redis::Link& link, std::size_t count, Milliseconds within) {
    const auto executor = co_await asio::this_coro::executor;
    for (std::size_t i = 0; i < count; ++i) {
      auto task = ask(link, within);
      asio::co_spawn(executor, std::move(task), [](const std::exception_ptr&, const Entry*) {});
    }
    const bool ended = co_await comes_true([this] { return waiting() == 0; }, within + 10 * patience);
    CHECK_MESSAGE(ended, "a request does not end");
  }

  std::size_t waiting() const {
    std::size_t out = 0;
    for (const auto& entry : entries_) out += entry.done ? 0 : 1;
    return out;
  }
  const std::deque<Entry>& all() const { return entries_; }
  std::size_t count(Outcome outcome, std::size_t of_last) const {
    std::size_t out = 0;
    for (std::size_t i = entries_.size() - of_last; i < entries_.size(); ++i)
      out += entries_[i].is(outcome) ? 1 : 0;
    return out;
  }

  /// Compares with what the server behind `direct`, which must be undisturbed, has executed. `lies`: replies
  /// were lost or doubled on their way, so an answer may be another's, if only its caller can tell.
  asio::awaitable<void> settle(redis::Link& direct, bool lies = false) {
    redis::Request question;
    for (const auto& entry : entries_) question.add({"GET", entry.nonce});
    const redis::Reply executed = co_await direct.request(std::move(question));
    REQUIRE(executed.values.size() == entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      const std::string times = executed.values[i].text;
      CAPTURE(entry.nonce);
      CAPTURE(entry.reply.reason);
      CHECK(entry.done);
      CHECK(entry.took <= entry.within + patience);
      CHECK((times.empty() || times == "1"));
      if (entry.is(Outcome::not_sent)) CHECK(times.empty());
      if (entry.right()) CHECK(times == "1");
      if (entry.is(Outcome::answered) && !entry.right()) CHECK((lies && entry.noticed()));
      CHECK(entry.reply.reason.empty() == entry.is(Outcome::answered));
    }
  }

 private:
  static redis::Request make(const std::string& nonce) {
    redis::Request out;
    out.add({"INCR", nonce});
    out.add({"ECHO", nonce});
    return out;
  }

  std::string name_;
  bool sealed_;
  std::deque<Entry> entries_;  // stay where they are
};

}  // namespace comem::testing
