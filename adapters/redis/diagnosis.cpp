#include "adapters/redis/diagnosis.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "adapters/redis/reasons.hpp"
#include "core/utf8.hpp"

namespace comem::redis {
namespace {

using Severity = Finding::Severity;

Finding finding(Severity severity, std::string subject, std::string text, std::string remedy = {}) {
  Finding out;
  out.severity = severity;
  out.subject = std::move(subject);
  out.text = std::move(text);
  out.remedy = std::move(remedy);
  return out;
}

std::string field(const Value& info, std::string_view name) {
  const auto key = fmt::format("\n{}:", name);
  const auto at = info.text.find(key);
  if (at == std::string::npos) return {};
  const auto begin = at + key.size();
  return printable(std::string_view(info.text).substr(begin, info.text.find_first_of("\r\n", begin) - begin));
}

std::uint64_t number(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// Major and minor as one number that compares: 7.2.5 is 7002.
int version_number(std::string_view version) {
  int major = 0, minor = 0;
  const auto* last = version.data() + version.size();
  const auto [end, error] = std::from_chars(version.data(), last, major);
  if (error == std::errc{} && end != last && *end == '.') std::from_chars(end + 1, last, minor);
  return std::clamp(major, 0, 100000) * 1000 + std::clamp(minor, 0, 999);
}

Finding version_finding(const std::string& name, const std::string& version, bool resp3) {
  if (version.empty())
    return finding(Severity::warning, "versions", "the server does not say its version",
                   "allow the user INFO (ACL SETUSER ... +info)");
  const auto text = fmt::format("{} {}{}", name, version, resp3 ? "" : ", without RESP3");
  const int needed = name == "valkey" ? 7002 : 6000;
  if (version_number(version) < needed || !resp3)
    return finding(Severity::warning, "versions", text + (resp3 ? "" : ": changes are found by polling"),
                   "use Redis 6 or later, or Valkey 7.2 or later");
  return finding(Severity::ok, "versions", text);
}

Finding policy_finding(const Value& memory) {
  if (memory.is_error())
    return finding(Severity::warning, "policy", "the user may not ask for the eviction policy (INFO)",
                   "allow it with ACL SETUSER ... +info, or see to it that maxmemory-policy is noeviction");
  const auto policy = field(memory, "maxmemory_policy");
  const auto limit = field(memory, "maxmemory");
  if (limit == "0") return finding(Severity::ok, "policy", "no maxmemory, nothing is evicted");
  if (policy == "noeviction" && number(field(memory, "used_memory")) >= number(limit))
    return finding(
        Severity::error, "memory",
        fmt::format("the server is full: it uses {} of {} bytes (maxmemory) and refuses writes",
                    field(memory, "used_memory"), limit),
        "raise its maxmemory (CONFIG SET maxmemory ...), or free some; what waits here follows then");
  // Values have a time to live, so the volatile policies evict them too.
  if (policy != "noeviction")
    return finding(Severity::warning, "policy",
                   fmt::format("maxmemory-policy {} evicts memories before others have seen them", policy),
                   "CONFIG SET maxmemory-policy noeviction");
  return finding(Severity::ok, "policy", fmt::format("maxmemory {} bytes, policy {}", limit, policy));
}

Finding persistence_finding(const Value& persistence) {
  if (persistence.is_error())
    return finding(Severity::ok, "persistence", "unknown: the user may not ask (INFO)");
  const bool loading = field(persistence, "loading") == "1";
  if (loading)
    return finding(Severity::warning, "persistence", "the server is loading its data", "wait until it has");
  const bool aof = field(persistence, "aof_enabled") == "1";
  const bool failed = field(persistence, "rdb_last_bgsave_status") == "err";
  if (failed)
    return finding(Severity::warning, "persistence",
                   "the last save to disk failed, so the server may refuse writes",
                   "look into the server's log; free its disk");
  return finding(
      Severity::ok, "persistence",
      fmt::format("append-only file {}; the stores are the truth, so either will do", aof ? "on" : "off"));
}

Finding role_finding(const Value& replication) {
  if (!replication.is_error() && field(replication, "role") == "slave")
    return finding(Severity::error, "role", "the server is a read-only replica", "connect to the primary");
  return finding(Severity::ok, "role",
                 replication.is_error() ? "unknown: the user may not ask (INFO)" : "primary");
}

Finding clock_finding(const Value& time, TimePoint now) {
  if (time.is_error() || time.items.size() != 2)
    return finding(Severity::warning, "clock",
                   "the user may not ask for the server's time, which the scripts need",
                   "allow it with ACL SETUSER ... +time");
  const auto server = std::strtoll(time.items[0].text.c_str(), nullptr, 10);
  const auto ours = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto apart = std::clamp<long long>(server, 0, 1LL << 40) - ours;
  if (std::abs(apart) <= 5) return finding(Severity::ok, "clock", "within 5 s of the server's");
  return finding(
      Severity::warning, "clock",
      fmt::format("the server's clock is {} s {} ours", std::abs(apart), apart > 0 ? "ahead of" : "behind"),
      "synchronise both hosts (NTP); times to live and the order of writes depend on it");
}

Finding script_finding(const Value& script) {
  if (!script.is_error()) return finding(Severity::ok, "scripts", "allowed");
  return finding(
      Severity::error, "scripts", "scripts cannot run: " + reason_for_reply(script.text),
      "allow the user the commands and keys that docs name (ACL SETUSER ... +eval +evalsha +script ~*)");
}

}  // namespace

Request health_questions(const std::string& prefix) {
  Request request;
  const std::string key = prefix + "state";
  request.add({"INFO", "memory"}).add({"INFO", "persistence"}).add({"INFO", "replication"}).add({"TIME"});
  // Reads a key of ours, so that a user without the keys is found out too.
  request.add({"EVAL", "return redis.call('HGET', KEYS[1], 'epoch')", "1", key});
  return request;
}

std::vector<Finding> health_findings(const Reply& reply, Milliseconds round_trip, TimePoint now,
                                     const std::string& endpoint, const std::string& server_name,
                                     const std::string& server_version, bool resp3) {
  if (reply.values.size() != 5) return unreachable(endpoint, reply.reason);
  std::vector<Finding> out;
  out.push_back(
      finding(Severity::ok, "redis", fmt::format("{}, round trip {} ms", endpoint, round_trip.count())));
  out.push_back(version_finding(server_name, server_version, resp3));
  out.push_back(policy_finding(reply.values[0]));
  out.push_back(persistence_finding(reply.values[1]));
  out.push_back(role_finding(reply.values[2]));
  out.push_back(clock_finding(reply.values[3], now));
  out.push_back(script_finding(reply.values[4]));
  return out;
}

std::vector<Finding> unreachable(const std::string& endpoint, const std::string& reason) {
  return {finding(Severity::error, "redis", fmt::format("{} cannot be used: {}", endpoint, reason),
                  "mend what is named, or go on without: writes are kept here and shared later")};
}

}  // namespace comem::redis
