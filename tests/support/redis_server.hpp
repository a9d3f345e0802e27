#pragma once
// A real Redis or Valkey server of a test's own: a free loopback port, a private directory, gone with the
// object.

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace comem::testing {

enum class ServerKind { redis, valkey };

struct ServerOptions {
  ServerOptions() = default;
  ServerKind kind = ServerKind::redis;
  std::string password;                ///< requirepass
  bool tls = false;                    ///< on the port, with a certificate for localhost made for it
  bool unix_socket = false;            ///< beside the port
  std::vector<std::string> arguments;  ///< further ones, as on its command line
};

class RedisServer {
 public:
  /// Whether the program is there; when not, says loudly on standard error that tests are skipped.
  static bool installed(ServerKind kind);

  /// Starts it and waits until it answers. Throws std::runtime_error with its log when it does not within 10
  /// s.
  explicit RedisServer(ServerOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// redis://127.0.0.1:port, or rediss://localhost:port with TLS.
  std::string url() const;
  std::string socket_url() const;
  /// Of the certificate authority that signed its certificate.
  std::string ca_file() const { return directory_ + "/ca.crt"; }
  int port() const noexcept { return port_; }
  pid_t pid() const noexcept { return pid_; }

  /// SIGKILL, and on the same port again, empty unless it saved.
  void kill();
  void start();
  void pause();   ///< SIGSTOP
  void resume();  ///< SIGCONT

  /// One command over a plain connection of its own; the raw reply. Throws std::runtime_error.
  std::string command(const std::vector<std::string>& words) const;

 private:
  std::vector<std::string> arguments() const;
  void wait_until_ready();
  std::string log() const;

  ServerOptions options_;
  std::string directory_;
  int port_ = 0;
  pid_t pid_ = -1;
};

/// A TCP port on the loopback that nothing listened on just now.
int free_port();

/// Runs a program and waits; answers its exit status.
int run_program(const std::vector<std::string>& words);

}  // namespace comem::testing
