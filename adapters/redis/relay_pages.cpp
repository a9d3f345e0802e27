// What the relay asks of a namespace's change log, and how it makes sure whose answer it got.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "adapters/redis/reasons.hpp"
#include "adapters/redis/relay_core.hpp"
#include "adapters/redis/replies.hpp"
#include "adapters/redis/wire.hpp"
#include "core/ids.hpp"

namespace comem::redis {

namespace asio = boost::asio;
using storage::Position;
using storage::PullReply;

namespace {
constexpr std::size_t max_page_records = 1000;
constexpr std::size_t max_fetched_keys = 500;  ///< of one request
constexpr Milliseconds longest_pause{16};      ///< between two looks at the replicas

/// Whether the fence stands.
bool is_yes(const Value& value) {
  return value.items.size() == 2 && value.items[1].is(Value::Kind::integer) && value.items[1].integer == 1;
}
}  // namespace

/// INFO follows the question, so the history that it names is that of the answer or a later one: when it is
/// still the one that `after` was compared with, the answer is of that one too.
asio::awaitable<RedisRelay::Answer> RedisRelay::ask(const Script& script, Position after, Ask command,
                                                    SteadyTime deadline) {
  Answer out;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const std::string server = link_.machine().identity(), nonce = make_random_id();
    const Position within(epoch_within(after.epoch, server), after.seq);
    Request request;
    command(request, within, nonce);
    request.add({"INFO", "replication"}).sealed(nonce).within(left(deadline));
    Reply reply = co_await link_.request(std::move(request));
    out.reason = reply.reason;
    if (reply.outcome != Reply::Outcome::answered) co_return out;
    link_.learn(reply.values[1]);
    auto& value = reply.values[0];
    if (value.is_error() && code_of(value.text) == "NOSCRIPT") {
      const Loading loading = co_await load(script, deadline);
      out.reason = loading.reason;
      if (!out.reason.empty()) co_return out;
      out.reason = "the server forgets its scripts";
      continue;
    }
    if (value.is_error()) {
      refuse(value.text, out.reason);
      co_return out;
    }
    if (!is_answer_to(value, nonce)) {
      out.reason = "the answer was not that to what was asked";
      link_.reconnect(out.reason);
      co_return out;
    }
    out.reason = "the server changed while it was asked";
    if (reply.server != server || link_.machine().identity() != server) continue;
    out.reason.clear();
    out.server = server;
    out.value = std::move(value);
    out.info = std::move(reply.values[1]);
    co_return out;
  }
  co_return out;
}

namespace {

/// The page, or none when believing it would lead nowhere.
template <class Page>
Page checked(Page page, const Position& after) {
  if (!stands_still(page, after)) return page;
  Page none;
  none.reason = "the answer says that there is more and goes no further";
  return none;
}

}  // namespace

asio::awaitable<PullReply> RedisRelay::pull(std::string ns, Position after, std::size_t limit) {
  PullReply out;
  out.reason = unusable();
  if (!out.reason.empty()) co_return out;
  limit = std::clamp<std::size_t>(limit, 1, max_page_records);
  const Keys keys(ns);
  Ask command = [&keys, limit](Request& request, const Position& within, const std::string& nonce) {
    add_pull(request, keys, within, limit, make_random_id(), nonce);
  };
  const Answer answer = co_await ask(pull_script(), after, std::move(command), Clock::now() + timeout_);
  out.reason = answer.reason;
  if (!out.reason.empty()) co_return out;
  out = checked(read_page(ns, answer.value, answer.server), after);
  const std::lock_guard lock(mutex_);
  stats_.pulled += out.records.size();
  stats_.skipped += out.skipped;
  co_return out;
}

asio::awaitable<storage::DigestPage> RedisRelay::digest(std::string ns, Position after, TimePoint now) {
  storage::DigestPage out;
  out.reason = unusable();
  if (!out.reason.empty()) co_return out;
  const Keys keys(ns);
  Ask command = [&keys, now](Request& request, const Position& within, const std::string& nonce) {
    add_digest(request, keys, within, now, make_random_id(), nonce);
  };
  const Answer answer = co_await ask(digest_script(), after, std::move(command), Clock::now() + timeout_);
  out.reason = answer.reason;
  if (!out.reason.empty()) co_return out;
  out = checked(read_digest(answer.value, answer.server), after);
  co_return out;
}

asio::awaitable<storage::HeadPage> RedisRelay::heads(std::string ns, Position after, TimePoint now,
                                                     DigestBuckets wanted) {
  storage::HeadPage out;
  out.reason = unusable();
  if (!out.reason.empty()) co_return out;
  const Keys keys(ns);
  Ask command = [&](Request& request, const Position& within, const std::string& nonce) {
    add_heads(request, keys, within, now, wanted, make_random_id(), nonce);
  };
  const Answer answer = co_await ask(heads_script(), after, std::move(command), Clock::now() + timeout_);
  out.reason = answer.reason;
  if (!out.reason.empty()) co_return out;
  out = checked(read_heads(ns, answer.value, answer.server), after);
  co_return out;
}

asio::awaitable<PullReply> RedisRelay::fetch(std::string ns, std::vector<RecordKey> wanted) {
  PullReply out;
  out.reason = unusable();
  if (!out.reason.empty()) co_return out;
  const Keys keys(ns);
  const auto deadline = Clock::now() + timeout_;
  std::span<const RecordKey> rest(wanted);
  std::vector<Record> records;
  while (!rest.empty()) {
    const auto part = rest.first(std::min(rest.size(), max_fetched_keys));
    Ask command = [&](Request& request, const Position&, const std::string& nonce) {
      add_fetch(request, keys, part, nonce);
    };
    Position none;
    const Answer answer = co_await ask(fetch_script(), std::move(none), std::move(command), deadline);
    out.reason = answer.reason;
    if (!out.reason.empty()) co_return out;
    FetchAnswer found = read_fetch(ns, answer.value, part.size());
    out.reason = "the answer to a fetch is malformed";
    if (found.looked_at == 0) co_return out;
    for (auto& record : found.records) records.push_back(std::move(record));
    rest = rest.subspan(found.looked_at);
  }
  out.reason.clear();
  out.answered = true;
  out.records = std::move(records);
  const std::lock_guard lock(mutex_);
  stats_.pulled += out.records.size();
  co_return out;
}

/// The stream of changes to replicas is one and in order: who holds the fence holds all that was accepted
/// before it. WAIT stops everything behind it on this connection, so it is asked for a millisecond only,
/// again and again.
asio::awaitable<bool> RedisRelay::replicated(std::string ns, std::string epoch, unsigned replicas,
                                             Milliseconds within) {
  const auto deadline = Clock::now() + std::min(within, timeout_);
  const std::string server = link_.machine().identity(), own = epoch_within(epoch, server);
  if (!unusable().empty() || own.empty()) co_return false;
  const Keys keys(ns);
  // The connection is everybody's: that this caller waits no longer does not end it.
  Ask command = [&](Request& request, const Position&, const std::string& nonce) {
    add_fence(request, keys, own, nonce);
    request.patience(left(deadline));
  };
  Position none;
  const Answer fence =
      co_await ask(fence_script(), std::move(none), std::move(command), Clock::now() + timeout_);
  if (!fence.reason.empty() || fence.server != server || !is_yes(fence.value)) co_return false;
  const auto place = stream_end(fence.info);
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (Milliseconds pause{1}; Clock::now() < deadline;
       pause = std::min<Milliseconds>(pause * 2, longest_pause)) {
    Request request;
    const std::string count = fmt::format("{}", replicas);
    request.add({"WAIT", count, "1"})
        .add({"INFO", "replication"})
        .sealed(make_random_id())
        .patience(left(deadline));
    const Reply reply = co_await link_.request(std::move(request));
    if (reply.outcome != Reply::Outcome::answered || reply.values[0].is_error()) co_return false;
    link_.learn(reply.values[1]);
    if (reply.server != server || link_.machine().identity() != server) co_return false;
    if (reply.values[0].is(Value::Kind::integer) && reply.values[0].integer >= std::int64_t{replicas})
      co_return true;
    if (place && replicas_at(reply.values[1], *place) >= replicas) co_return true;
    timer.expires_after(pause);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return false;
}

}  // namespace comem::redis
