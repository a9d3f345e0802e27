#include "cli/demo/private_server.hpp"

#include <comem/error.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "cli/interrupt.hpp"

namespace comem::cli {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// A port that was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = socket >= 0 &&
                     ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (socket >= 0) ::close(socket);
  if (!bound) throw Error(errc::unavailable, "there is no free port on this host");
  return ntohs(address.sin_port);
}

bool accepts_connections(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(port);
  const bool connected = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

}  // namespace

std::string installed_server() {
  for (const auto* name : {"redis-server", "valkey-server"}) {
    if (auto path = find_program(name); !path.empty()) return path;
  }
  return {};
}

PrivateServer::PrivateServer(std::string program, const std::string& directory)
    : program_(std::move(program)), directory_(directory) {
  for (int attempt = 0; attempt < 5; ++attempt) {  // another program may have taken the port meanwhile
    port_ = free_port();
    if (start()) return;
  }
  throw Error(errc::unavailable,
              fmt::format("{} does not start; see what it says when started by hand", program_));
}

std::string PrivateServer::url() const {
  return fmt::format("redis://127.0.0.1:{}/0", port_);
}

bool PrivateServer::start() {
  process_ = std::make_unique<Process>(std::vector<std::string>{
      program_, "--port", std::to_string(port_), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
      "--dir", directory_, "--logfile", directory_ + "/server.log", "--daemonize", "no"});
  for (int wait = 0; wait < 1000; ++wait) {
    const auto ended = process_->wait_for(Milliseconds(5));
    interrupt::check();  // a Ctrl-C reaches the server, too
    if (ended) return false;
    if (accepts_connections(port_)) return true;
  }
  return false;
}

void PrivateServer::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

void PrivateServer::restart() {
  if (!start())
    throw Error(errc::unavailable, fmt::format("{} does not start again on port {}", program_, port_));
}

}  // namespace comem::cli
