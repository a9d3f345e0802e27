// What the relay asks of a namespace's change log, and how it makes sure whose answer it got.

#include <algorithm>

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
}

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
    co_return out;
  }
  co_return out;
}

asio::awaitable<PullReply> RedisRelay::pull(std::string ns, Position after, std::size_t limit) {
  PullReply out;
  out.reason = unusable();
  if (!out.reason.empty()) co_return out;
  limit = std::clamp<std::size_t>(limit, 1, max_page_records);
  const Keys keys(ns);
  Ask command = [&keys, limit](Request& request, const Position& within, const std::string& nonce) {
    add_pull(request, keys, within, limit, make_random_id(), nonce);
  };
  const Answer answer =
      co_await ask(pull_script(), std::move(after), std::move(command), Clock::now() + timeout_);
  out.reason = answer.reason;
  if (!out.reason.empty()) co_return out;
  out = read_page(ns, answer.value, answer.server);
  const std::lock_guard lock(mutex_);
  stats_.pulled += out.records.size();
  stats_.skipped += out.skipped;
  co_return out;
}

asio::awaitable<storage::DigestPage> RedisRelay::digest(std::string, Position, TimePoint) {
  co_return storage::DigestPage();
}

asio::awaitable<storage::HeadPage> RedisRelay::heads(std::string, Position, TimePoint, DigestBuckets) {
  co_return storage::HeadPage();
}

asio::awaitable<PullReply> RedisRelay::fetch(std::string, std::vector<RecordKey>) {
  co_return PullReply();
}

asio::awaitable<bool> RedisRelay::replicated(std::string, std::string, unsigned, Milliseconds) {
  co_return false;
}

}  // namespace comem::redis
