#include "adapters/redis/redis_relay.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "adapters/redis/diagnosis.hpp"
#include "adapters/redis/reasons.hpp"
#include "adapters/redis/relay_core.hpp"
#include "adapters/redis/replies.hpp"
#include "adapters/redis/wire.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"

namespace comem::redis {
namespace {

namespace asio = boost::asio;
using storage::Position;
using storage::PushReply;
using storage::PushStatus;

constexpr std::size_t max_chunk_bytes = 4u << 20;  ///< of records in one request
constexpr Milliseconds diagnosis_time{900};        ///< of each of its two questions
constexpr std::array all_types{MemoryType::working, MemoryType::episodic, MemoryType::semantic,
                               MemoryType::skill, MemoryType::session};

LinkOptions link_options(const Options& options) {
  if (options.redis_timeout <= Milliseconds{0})
    throw Error(errc::invalid_argument,
                "redis_timeout is not positive; give the milliseconds to wait for an answer");
  LinkOptions out;
  out.address = parse_url(options.redis_url);
  if (!options.redis_username.empty()) out.address.username = options.redis_username;
  if (!options.redis_password.empty()) out.address.password = options.redis_password;
  if (!out.address.username.empty() && out.address.password.empty())
    throw Error(errc::invalid_argument,
                "a Redis user is named without a password; set REDIS_PASSWORD as well");
  out.ca_file = options.redis_ca_file;
  out.request_timeout = options.redis_timeout;
  return out;
}

RelayState state_of(LinkState link) noexcept {
  if (link == LinkState::down) return RelayState::down;
  return link == LinkState::up ? RelayState::up : RelayState::suspect;
}

/// Of one record of a batch: its place beside the batch's own.
std::string nonce_of(const std::string& batch, std::size_t place) {
  return fmt::format("{}.{}", batch, place);
}

/// What of a chunk goes into one command each.
std::vector<std::vector<std::size_t>> grouped(const std::vector<Record>& records,
                                              const std::vector<std::size_t>& chunk) {
  std::vector<std::vector<std::size_t>> groups;
  std::size_t bytes = 0;
  for (const auto i : chunk) {
    const auto more = applied_bytes(records[i]);
    if (groups.empty() || groups.back().size() >= max_applied_records || bytes + more > max_applied_bytes) {
      groups.emplace_back();
      bytes = 0;
    }
    groups.back().push_back(i);
    bytes += more;
  }
  return groups;
}

bool all_answer(const Reply& reply, const std::string& nonce) {
  for (std::size_t n = 0; n < reply.values.size(); ++n)
    if (!reply.values[n].is_error() && !is_answer_to(reply.values[n], nonce_of(nonce, n))) return false;
  return true;
}

}  // namespace

RedisRelay::RedisRelay(const Options& options, asio::any_io_executor executor)
    : clock_(options.clock != nullptr ? *options.clock : system_clock()),
      log_(options.log ? options.log : default_log_sink()),
      timeout_(options.redis_timeout),
      link_(std::move(executor), with_callbacks(link_options(options))) {
  stats_.state = RelayState::connecting;
  stats_.endpoint = link_.endpoint();
}

// ---- Life, state and hints

void RedisRelay::start(storage::RelayListener& listener) {
  listener_ = &listener;
  link_.start();
}

void RedisRelay::watch(const std::string& ns) {
  if (!watched_.insert(ns).second) return;
  const Keys keys(ns);
  for (const auto type : all_types) {
    channels_[keys.channel(type)] = ns;
    link_.subscribe(keys.channel(type));
  }
}

asio::awaitable<void> RedisRelay::stop() {
  co_await link_.stop();
  listener_ = nullptr;
  set_state(RelayState::off, "the link was closed");
}

RelayStats RedisRelay::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

LinkOptions RedisRelay::with_callbacks(LinkOptions options) {
  options.on_state = [this](LinkState link, const std::string& reason) { on_state(link, reason); };
  options.on_push = [this](const Value& push) { on_push(push); };
  return options;
}

void RedisRelay::on_state(LinkState link, const std::string& reason) {
  const auto& machine = link_.machine();
  const auto before = stats();
  if (link == LinkState::up) {
    const std::lock_guard lock(mutex_);
    stats_.server = fmt::format("{} {}", machine.server_name(), machine.server_version());
    stats_.reconnects = machine.connections() - 1;
  }
  const auto state = state_of(link);
  if (before.state == state && before.reason == reason) return;
  set_state(state, reason);
  // A moment of silence is not worth a line.
  const bool new_link = link == LinkState::up && before.state != RelayState::suspect;
  if (new_link) log_(LogLevel::info, fmt::format("sharing through {} ({})", before.endpoint, stats().server));
  if (link == LinkState::down)
    log_(LogLevel::warning, fmt::format("not sharing through {}: {}", before.endpoint, reason));
  if (listener_ != nullptr) listener_->on_relay_state(state, reason);
}

void RedisRelay::set_state(RelayState state, const std::string& reason) {
  state_ = state;
  const std::lock_guard lock(mutex_);
  stats_.state = state;
  stats_.reason = reason;
}

void RedisRelay::on_push(const Value& push) {
  if (push.items.size() != 3 || push.items[0].text != "message" || listener_ == nullptr) return;
  const auto channel = channels_.find(push.items[1].text);
  if (channel == channels_.end()) return;
  auto hint = read_hint(channel->second, push.items[2].text, link_.machine().identity());
  if (hint) listener_->on_relay_hint(channel->second, std::move(*hint));
}

std::string RedisRelay::unusable() const {
  if (listener_ == nullptr) return "the link was not started, or was closed";
  // The first attempt is waited for; after that nobody waits for a server that is away.
  return state_ == RelayState::down ? stats().reason : std::string();
}

Milliseconds RedisRelay::left(SteadyTime deadline) const {
  const auto rest = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
  return std::max(rest, Milliseconds{1});
}

asio::awaitable<RedisRelay::Loading> RedisRelay::load(const Script& script, SteadyTime deadline) {
  Request request;
  request.add({"SCRIPT", "LOAD", script.text()}).sealed(make_random_id()).within(left(deadline));
  const Reply reply = co_await link_.request(std::move(request));
  Loading out;
  out.reason = reply.reason;
  out.refused = reply.outcome == Reply::Outcome::answered && reply.values[0].is_error();
  if (out.refused) refuse(reply.values[0].text, out.reason);
  co_return out;
}

void RedisRelay::refuse(const std::string& error, std::string& reason) {
  reason = reason_for_reply(error);
  if (spoils_connection(error)) link_.reconnect(reason);
}

// ---- Push

asio::awaitable<PushReply> RedisRelay::push(std::string ns, std::vector<Record> records) {
  PushReply out;
  out.statuses.assign(records.size(), PushStatus::not_sent);
  out.reason = unusable();
  if (!out.reason.empty()) co_return out;
  const Keys keys(ns);
  const auto deadline = Clock::now() + timeout_;
  std::size_t next = 0;
  std::string too_large;
  while (next < records.size()) {
    std::vector<std::size_t> chunk;
    for (std::size_t bytes = 0; next < records.size() && bytes < max_chunk_bytes; ++next) {
      if (records[next].value.size() > max_wire_value) {
        out.statuses[next] = PushStatus::refused;
        too_large = fmt::format("a value has more than {} bytes", max_wire_value);
        continue;
      }
      bytes += records[next].value.size();
      chunk.push_back(next);
    }
    if (chunk.empty()) break;
    co_await push_chunk(keys, records, chunk, deadline, out);
    const bool gone = std::any_of(chunk.begin(), chunk.end(), [&out](std::size_t i) {
      return out.statuses[i] == PushStatus::not_sent || out.statuses[i] == PushStatus::unknown;
    });
    if (gone) break;
  }
  if (out.reason.empty()) out.reason = std::move(too_large);
  co_return out;
}

asio::awaitable<void> RedisRelay::push_chunk(const Keys& keys, const std::vector<Record>& records,
                                             std::vector<std::size_t> chunk, SteadyTime deadline,
                                             PushReply& out) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    Request request;
    const std::string epoch = make_random_id(), nonce = make_random_id();
    const Groups groups = grouped(records, chunk);
    for (std::size_t n = 0; n < groups.size(); ++n) {
      std::vector<const Record*> group;
      for (const auto i : groups[n]) group.push_back(&records[i]);
      add_apply(request, keys, group, clock_.now(), epoch, nonce_of(nonce, n));
    }
    request.sealed(nonce).within(left(deadline));
    const Reply reply = co_await link_.request(std::move(request));
    std::vector<std::size_t> unloaded;
    read_push(reply, nonce, groups, out, unloaded);
    if (unloaded.empty()) co_return;
    Loading loading = co_await load(apply_script(), deadline);
    if (!loading.reason.empty()) {
      if (loading.refused)
        for (const auto i : unloaded) out.statuses[i] = PushStatus::refused;
      out.reason = std::move(loading.reason);
      co_return;
    }
    chunk = std::move(unloaded);
  }
}

void RedisRelay::read_push(const Reply& reply, const std::string& nonce, const Groups& groups, PushReply& out,
                           std::vector<std::size_t>& unloaded) {
  const bool answered = reply.outcome == Reply::Outcome::answered;
  const auto none = reply.outcome == Reply::Outcome::not_sent ? PushStatus::not_sent : PushStatus::unknown;
  for (const auto& group : groups)
    for (const auto i : group) out.statuses[i] = none;
  if (!all_answer(reply, nonce)) {
    // One answer that is another's casts doubt on all of them.
    out.reason = "the answers were not those to what was pushed";
    return link_.reconnect(out.reason);
  }
  std::string reason = reply.reason;
  for (std::size_t n = 0; n < std::min(groups.size(), reply.values.size()); ++n) {
    const auto& value = reply.values[n];
    const auto& group = groups[n];
    if (value.is_error() && !answered) continue;  // no seal vouches for it
    if (!value.is_error()) {
      take_answer(read_push_answer(value, group.size(), reply.server), group, answered, out, reason);
      continue;
    }
    const bool missing = code_of(value.text) == "NOSCRIPT";
    for (const auto i : group) out.statuses[i] = missing ? PushStatus::not_sent : PushStatus::refused;
    if (missing)
      unloaded.insert(unloaded.end(), group.begin(), group.end());
    else
      refuse(value.text, reason);
  }
  if (!reason.empty()) out.reason = std::move(reason);
}

void RedisRelay::take_answer(PushAnswer answer, const std::vector<std::size_t>& group, bool answered,
                             PushReply& out, std::string& reason) {
  std::uint64_t applied = 0;
  for (std::size_t k = 0; k < group.size(); ++k) {
    out.statuses[group[k]] = answer.statuses[k];
    if (answer.statuses[k] == PushStatus::unknown) reason = "the answer to a push is malformed";
    if (answer.statuses[k] == PushStatus::applied) ++applied;
  }
  if (!answer.refusal.empty()) refuse(answer.refusal, reason);
  out.merged = out.merged || answer.merged;
  if (answered && !answer.position.epoch.empty()) out.position = std::move(answer.position);
  const std::lock_guard lock(mutex_);
  stats_.pushed += applied;
}

// ---- Diagnosis

asio::awaitable<std::vector<Finding>> RedisRelay::diagnose() {
  const auto endpoint = link_.endpoint();
  const auto reason = unusable();
  if (!reason.empty()) co_return unreachable(endpoint, reason);
  Request ping;
  ping.add({"PING"}).within(diagnosis_time);
  const auto begun = Clock::now();
  const Reply pong = co_await link_.request(std::move(ping));
  const auto round_trip = std::chrono::duration_cast<Milliseconds>(Clock::now() - begun);
  if (pong.outcome != Reply::Outcome::answered) co_return unreachable(endpoint, pong.reason);
  Request questions = health_questions(Keys(watched_.empty() ? "default" : *watched_.begin()).prefix());
  questions.within(diagnosis_time);
  const Reply answers = co_await link_.request(std::move(questions));
  const auto& machine = link_.machine();
  co_return health_findings(answers, round_trip, clock_.now(), endpoint, machine.server_name(),
                            machine.server_version(), machine.resp3());
}

std::unique_ptr<storage::Relay> make_redis_relay(const Options& options, asio::any_io_executor executor) {
  return std::make_unique<RedisRelay>(options, std::move(executor));
}

}  // namespace comem::redis
