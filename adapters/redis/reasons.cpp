#include "adapters/redis/reasons.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace comem::redis {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> replies{{
    {"NOAUTH", "the server wants a password; set REDIS_PASSWORD or put it into the URL"},
    {"WRONGPASS", "wrong user or password; check REDIS_USERNAME and REDIS_PASSWORD"},
    {"NOPERM", "the user lacks a permission; grant it the commands and keys that docs name (ACL SETUSER)"},
    {"LOADING", "the server is still loading its data; waiting for it"},
    {"READONLY", "the server is a read-only replica; connect to the primary"},
    {"OOM", "the server is out of memory; raise its maxmemory"},
    {"MISCONF",
     "the server refuses writes because it cannot save to disk; free its disk or look into its log"},
    {"MASTERDOWN",
     "the server is a replica that lost its primary; connect to the primary, or promote it (REPLICAOF NO "
     "ONE)"},
    {"BUSY", "the server is busy with another script; end that with SCRIPT KILL"},
    {"WRONGTYPE",
     "a foreign value of another type is under one of our keys; remove it or use another namespace"},
    {"MOVED", "the server is a cluster node that does not hold this namespace; connect to the one that does"},
    {"ASK", "the cluster is moving this namespace to another node; waiting for it"},
    {"CLUSTERDOWN", "no node of the cluster serves this namespace now; see what CLUSTER INFO says"},
    {"NOREPLICAS",
     "the server has too few replicas to accept writes; bring them back or lower min-replicas-to-write"},
}};

}  // namespace

std::string reason_for(Stage stage, const std::error_code& error) {
  const auto is = [&](int code) {
    return error == std::error_code(code, std::generic_category()) ||
           (error.value() == code && error.category() == std::system_category());
  };
  if (stage == Stage::resolve) return "host not found; check the host name in the Redis URL";
  if (stage == Stage::tls)
    return fmt::format("TLS failed ({}); check the certificate, its host name and redis_ca_file",
                       error.message());
  if (is(ECONNREFUSED)) return "connection refused; is the server running on this port?";
  if (is(ENOENT)) return "the socket does not exist; is the server running with this unixsocket?";
  if (is(EACCES) || is(EPERM)) return "no permission to open the socket; check its owner and mode";
  if (is(EHOSTUNREACH) || is(ENETUNREACH)) return "the host cannot be reached; check the network";
  if (is(ETIMEDOUT)) return "timed out";
  if (stage == Stage::connect) return fmt::format("cannot connect ({})", error.message());
  if (is(ECONNRESET) || is(EPIPE)) return "the connection was reset";
  return "the server closed the connection";
}

std::string_view code_of(std::string_view error) noexcept {
  const auto word = error.substr(0, error.find_first_of(" \r\n"));
  const bool code = !word.empty() && word.size() <= 20 &&
                    std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return code ? word : std::string_view("ERR");
}

std::string reason_for_reply(std::string_view error) {
  const auto code = code_of(error);
  for (const auto& [known, words] : replies)
    if (known == code) return std::string(words);
  if (error.find("max number of clients") != std::string_view::npos)
    return "the server has too many clients; raise its maxclients";
  if (error.find("DB index") != std::string_view::npos)
    return "the server has no database of this number; correct the URL";
  return fmt::format("the server answered the error {}", code);
}

bool refuses_all(std::string_view error) noexcept {
  const auto code = code_of(error);
  return code == "NOPERM" || code == "NOAUTH" || code == "LOADING" || code == "MASTERDOWN" || code == "BUSY";
}

bool spoils_connection(std::string_view error) noexcept {
  const auto code = code_of(error);
  return code == "READONLY" || code == "NOAUTH" || code == "LOADING" || code == "MASTERDOWN";
}

}  // namespace comem::redis
