#pragma once
// Where a Redis server is, from a URL:
//   redis://[user[:password]@]host[:port][/db]     rediss://... (TLS)
//   unix://[user[:password]@]/path[?db=n]
// User, password and path may be percent-encoded; an IPv6 address stands in brackets.

#include <cstdint>
#include <string>
#include <string_view>

namespace comem::redis {

struct Address {
  enum class Kind { tcp, tls, unix_socket };

  Address() = default;

  /// The address as a URL without user and password: fit for logs and statistics.
  std::string endpoint() const;

  Kind kind = Kind::tcp;
  std::string host;  ///< a name or a numeric address, without brackets
  std::uint16_t port = 6379;
  std::string path;      ///< of the socket
  std::string username;  ///< may be empty with a password: the server's default user
  std::string password;
  unsigned db = 0;
};

/// Throws Error(invalid_argument) that says what is wrong and never shows a password.
Address parse_url(std::string_view url);

}  // namespace comem::redis
