#include "adapters/redis/link_machine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/redis/info.hpp"
#include "adapters/redis/reasons.hpp"

namespace comem::redis {
namespace {

/// Versions and names go into logs and statistics, so nothing else than plain characters may pass.
std::string plain(std::string_view text) {
  std::string out(text.substr(0, 64));
  std::erase_if(out, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; });
  return out;
}

}  // namespace

LinkMachine::LinkMachine(Login login, LinkTimes times, std::uint64_t seed)
    : login_(std::move(login)), times_(times), random_(static_cast<std::minstd_rand::result_type>(seed)) {}

void LinkMachine::start(SteadyTime now) {
  phase_ = Phase::connecting;
  deadline_ = now + times_.connect;
}

void LinkMachine::ask(std::string& out, Step step, const std::vector<std::string_view>& words) {
  append_command(out, words);
  steps_.push_back(step);
}

std::string LinkMachine::on_connected(SteadyTime now) {
  phase_ = Phase::greeting;
  deadline_ = now + times_.greeting;
  alive_ = now;
  pinged_ = resp3_ = owed_ = suspect_ = false;
  steps_.clear();
  server_name_.clear();
  server_version_.clear();
  run_id_.clear();
  replication_id_.clear();
  std::vector<std::string_view> words{"HELLO", "3"};
  if (!login_.password.empty()) {
    words.insert(
        words.end(),
        {"AUTH", login_.username.empty() ? std::string_view("default") : login_.username, login_.password});
  }
  words.insert(words.end(), {"SETNAME", login_.client_name});
  std::string out;
  ask(out, Step::hello, words);
  return out;
}

std::string LinkMachine::on_hello(const Value& reply, SteadyTime now) {
  std::string out;
  if (!reply.is_error()) {
    resp3_ = true;
    if (const auto* name = reply.find("server")) server_name_ = plain(name->text);
    if (const auto* version = reply.find("version")) server_version_ = plain(version->text);
    ask_rest(out);
    return out;
  }
  const auto code = code_of(reply.text);
  if (code != "ERR" && code != "NOPROTO" && code != "NOPERM") {
    on_failure(reason_for_reply(reply.text), now);
    return out;
  }
  // An old or restricted server: RESP2, where SUBSCRIBE would take the connection over, so hints are off.
  if (!login_.password.empty() && login_.username.empty()) ask(out, Step::auth, {"AUTH", login_.password});
  if (!login_.password.empty() && !login_.username.empty())
    ask(out, Step::auth, {"AUTH", login_.username, login_.password});
  ask(out, Step::set_name, {"CLIENT", "SETNAME", login_.client_name});
  ask_rest(out);
  return out;
}

void LinkMachine::ask_rest(std::string& out) {
  if (login_.db != 0) ask(out, Step::select, {"SELECT", fmt::format("{}", login_.db)});
  ask(out, Step::info, {"INFO", "server"});
  ask(out, Step::info, {"INFO", "replication"});
  ask(out, Step::ping, {"PING"});
}

std::string LinkMachine::on_greeting_reply(const Value& reply, SteadyTime now) {
  if (phase_ != Phase::greeting || steps_.empty()) return {};
  const Step step = steps_.front();
  steps_.pop_front();
  if (step == Step::hello) return on_hello(reply, now);
  const bool refused = reply.is_error();
  if (refused && (step == Step::auth || step == Step::select)) {
    on_failure(reason_for_reply(reply.text), now);
    return {};
  }
  if (refused && step == Step::ping && code_of(reply.text) != "NOPERM") {
    on_failure(reason_for_reply(reply.text), now);
    return {};
  }
  if (!refused && step == Step::ping && reply.text != "PONG") {
    on_failure("the server's answers to the greeting are out of step with what it was asked", now);
    return {};
  }
  if (!refused && step == Step::info) read_info(reply.text);
  if (!steps_.empty()) return {};
  phase_ = Phase::up;
  up_since_ = alive_ = now;
  pinged_ = false;
  reason_.clear();
  ++connections_;
  return {};
}

void LinkMachine::read_info(std::string_view info) {
  if (const auto id = info_field(info, "run_id"); !id.empty()) run_id_ = plain(id);
  if (const auto id = info_field(info, "master_replid"); !id.empty()) replication_id_ = plain(id);
  const auto valkey = info_field(info, "valkey_version");
  const auto redis = info_field(info, "redis_version");
  if (!valkey.empty()) {
    server_name_ = "valkey";
    server_version_ = plain(valkey);
  } else if (!redis.empty()) {
    if (server_name_.empty()) server_name_ = "redis";
    server_version_ = plain(redis);
  }
}

void LinkMachine::on_alive(SteadyTime now) noexcept {
  alive_ = now;
  pinged_ = suspect_ = false;
  suspect_at_ = now + times_.suspicion;
}

void LinkMachine::on_owed(SteadyTime now) noexcept {
  if (owed_) return;
  owed_ = true;
  suspect_at_ = now + times_.suspicion;
}

void LinkMachine::on_failure(std::string reason, SteadyTime now) {
  if (phase_ == Phase::stopped || phase_ == Phase::idle || phase_ == Phase::waiting) return;
  // A server that accepts and drops connections must not be asked without pause: only a connection that held
  // for a while makes the next pause short again.
  if (phase_ == Phase::up && now - up_since_ >= times_.proven) failures_ = 0;
  phase_ = Phase::waiting;
  reason_ = std::move(reason);
  steps_.clear();
  const auto doubled = times_.backoff_min * (1 << std::min(failures_, 10u));
  const auto ceiling = std::min<Milliseconds>(doubled, times_.backoff_max);
  const auto floor = std::max<Milliseconds>(ceiling / 2, std::min(times_.backoff_min, ceiling));
  std::uniform_int_distribution<Milliseconds::rep> pause(floor.count(), ceiling.count());
  deadline_ = now + Milliseconds(pause(random_));
  ++failures_;
}

SteadyTime LinkMachine::next() const noexcept {
  switch (phase_) {
    case Phase::connecting:
    case Phase::greeting:
    case Phase::waiting:
      return deadline_;
    case Phase::up:
      return std::min(pinged_ ? pinged_at_ + times_.ping : alive_ + times_.silence,
                      owed_ && !suspect_ ? suspect_at_ : SteadyTime::max());
    case Phase::idle:
    case Phase::stopped:
      break;
  }
  return SteadyTime::max();
}

LinkMachine::Due LinkMachine::on_time(SteadyTime now) {
  if (now < next() || next() == SteadyTime::max()) return Due::nothing;
  if (phase_ == Phase::waiting) {
    start(now);
    return Due::connect;
  }
  if (phase_ == Phase::up) return on_silence(now);
  return Due::give_up;
}

LinkMachine::Due LinkMachine::on_silence(SteadyTime now) {
  if (!pinged_ && now >= alive_ + times_.silence) {
    pinged_ = true;
    pinged_at_ = now;
    on_owed(now);
    return Due::ping;
  }
  // Where a wake-up is late this process itself was held up, and what the server said may wait in the socket.
  if (pinged_ && now >= pinged_at_ + times_.ping) {
    if (now - (pinged_at_ + times_.ping) <= times_.late) return Due::give_up;
    pinged_at_ = now;
    return Due::nothing;
  }
  if (!owed_ || suspect_ || now < suspect_at_) return Due::nothing;
  suspect_ = now - suspect_at_ <= times_.glance;
  if (!suspect_) suspect_at_ = now + times_.glance;
  return suspect_ ? Due::suspect : Due::nothing;
}

std::string LinkMachine::reason_suspect() const {
  return fmt::format("no answer for {} ms", times_.suspicion.count());
}

std::string LinkMachine::reason_due() const {
  if (phase_ == Phase::connecting) return "timed out while connecting; check host, port and firewall";
  if (phase_ == Phase::greeting) return "timed out: the server accepts connections but does not answer";
  return "timed out: the server fell silent";
}

}  // namespace comem::redis
