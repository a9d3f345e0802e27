#include "adapters/redis/url.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace comem::redis {
namespace {

constexpr unsigned max_db = 65535;
constexpr std::size_t max_socket_path = 107;  // sun_path less its final NUL
constexpr std::string_view forms =
    "use redis://[user:password@]host[:port][/db], rediss://... or unix:///path[?db=n]";

[[noreturn]] void reject(const std::string& what) {
  throw Error(errc::invalid_argument, fmt::format("the Redis URL {}; {}", what, forms));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view text, std::string_view what) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) reject(fmt::format("has a broken %-escape in its {}", what));
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (out.find('\0') != std::string::npos) reject(fmt::format("has a NUL byte in its {}", what));
  return out;
}

/// The text is not shown: where an escape was forgotten it may be a password.
unsigned parse_number(std::string_view text, unsigned min, unsigned max, std::string_view what) {
  unsigned value = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end != last || value < min || value > max)
    reject(fmt::format("has a {} that is no number from {} to {}", what, min, max));
  return value;
}

/// Takes "user:password@" off the front of what may hold it.
std::string_view take_credentials(std::string_view rest, Address& address) {
  const auto at = rest.rfind('@');
  if (at == std::string_view::npos) return rest;
  const auto credentials = rest.substr(0, at);
  const auto colon = credentials.find(':');
  address.username = percent_decode(credentials.substr(0, colon), "user name");
  if (colon == std::string_view::npos) return rest.substr(at + 1);
  address.password = percent_decode(credentials.substr(colon + 1), "password");
  if (address.password.empty()) reject("has an empty password");
  return rest.substr(at + 1);
}

bool plausible_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return c > 0x20 && c != 0x7f &&
           std::string_view("/?#@[]\\:\"<>").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

/// An address, perhaps with a zone: "fe80::1%eth0".
bool plausible_ipv6(std::string_view host) {
  const auto end = std::min(host.find('%'), host.size());
  return host.substr(0, end).find(':') != std::string_view::npos &&
         host.substr(0, end).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos &&
         plausible_host(host.substr(end));
}

void parse_host_and_port(std::string_view text, Address& address) {
  std::string_view port;
  bool has_port = false;
  if (!text.empty() && text[0] == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) reject("has an IPv6 address without its closing bracket");
    address.host = std::string(text.substr(1, end - 1));
    const auto after = text.substr(end + 1);
    if (!after.empty() && after[0] != ':') reject("has text between the IPv6 address and the port");
    has_port = !after.empty();
    if (has_port) port = after.substr(1);
    if (!plausible_ipv6(address.host)) reject("has brackets around what is no IPv6 address");
  } else {
    const auto colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos)
      reject("has several colons in its host (an IPv6 address belongs in brackets)");
    address.host = std::string(text.substr(0, colon));
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
    if (!plausible_host(address.host)) reject("has a host with characters that no host has");
  }
  if (address.host.empty()) reject("names no host");
  if (has_port) address.port = static_cast<std::uint16_t>(parse_number(port, 1, 65535, "port"));
}

Address parse_network(std::string_view rest, Address address) {
  // A password may hold anything but '/', '?' and '#', which end the authority; those must be
  // percent-encoded.
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  parse_host_and_port(take_credentials(rest.substr(0, end), address), address);
  const auto tail = rest.substr(end);
  if (tail.find_first_of("?#") != std::string_view::npos) reject("has parameters, which only unix:// takes");
  if (tail.size() > 1) address.db = parse_number(tail.substr(1), 0, max_db, "database");
  return address;
}

Address parse_unix(std::string_view rest, Address address) {
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) reject("names no socket path");
  if (!take_credentials(rest.substr(0, slash), address).empty())
    reject("has a host before its socket path (write unix:///path)");
  rest.remove_prefix(slash);
  const auto question = rest.find('?');
  address.path = percent_decode(rest.substr(0, question), "socket path");
  if (address.path.size() < 2) reject("names no socket path");
  if (std::any_of(address.path.begin(), address.path.end(),
                  [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    reject("has a control byte in its socket path");
  if (address.path.size() > max_socket_path)
    reject(fmt::format("has a socket path of {} bytes; at most {} are possible", address.path.size(),
                       max_socket_path));
  if (question == std::string_view::npos) return address;
  const auto query = rest.substr(question + 1);
  if (query.substr(0, 3) != "db=") reject("has a parameter other than db");
  address.db = parse_number(query.substr(3), 0, max_db, "database");
  return address;
}

}  // namespace

std::string Address::endpoint() const {
  if (kind == Kind::unix_socket) {
    auto text = "unix://" + path;
    return db == 0 ? text : fmt::format("{}?db={}", text, db);
  }
  const bool bracket = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}/{}", kind == Kind::tls ? "rediss" : "redis", bracket ? "[" : "", host,
                     bracket ? "]" : "", port, db);
}

Address parse_url(std::string_view url) {
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) reject("has no scheme");
  std::string scheme(url.substr(0, colon));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  const auto rest = url.substr(colon + 3);
  Address address;
  if (scheme == "unix") {
    address.kind = Address::Kind::unix_socket;
    return parse_unix(rest, std::move(address));
  }
  // An unknown scheme is not shown: a URL without one may begin with a password.
  if (scheme != "redis" && scheme != "rediss") reject("has a scheme that is not redis, rediss or unix");
  address.kind = scheme == "rediss" ? Address::Kind::tls : Address::Kind::tcp;
  return parse_network(rest, std::move(address));
}

}  // namespace comem::redis
