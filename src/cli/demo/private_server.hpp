#pragma once
// A Redis or Valkey server of one's own, on a free port of this host only.

#include <memory>
#include <string>

#include "cli/process.hpp"

namespace comem::cli {

/// Path of an installed server; empty when there is none.
std::string installed_server();

/// Keeps nothing on disk. Stopped, and gone, with this object. One thread; blocks.
class PrivateServer {
 public:
  /// Starts it; throws Error(unavailable) when it does not answer within five seconds.
  PrivateServer(std::string program, const std::string& directory);

  std::string url() const;
  /// As a power cut would: SIGKILL.
  void kill();
  /// Starts it again, empty, on the same port. Throws as the constructor.
  void restart();

 private:
  bool start();

  std::string program_, directory_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace comem::cli
