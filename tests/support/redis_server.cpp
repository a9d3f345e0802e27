#include "tests/support/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace comem::testing {
namespace {

const char* program(ServerKind kind) {
  return kind == ServerKind::redis ? "redis-server" : "valkey-server";
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// The child goes when the thread that started it goes, so that a crashed test leaves no server behind.
pid_t spawn(const std::vector<std::string>& words, const std::string& output) {
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("cannot start " + words[0]);
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(fd, 1);
  ::dup2(fd, 2);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

/// A blocking connection that answers nothing for at most 5 s.
class Plain {
 public:
  explicit Plain(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = loopback(port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(fd_);
      throw std::runtime_error("the test server refuses connections");
    }
  }
  ~Plain() { ::close(fd_); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  void send(const std::vector<std::string>& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    std::size_t done = 0;
    while (done < text.size()) {
      const auto sent = ::send(fd_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the test server closed the connection");
      done += static_cast<std::size_t>(sent);
    }
  }

  /// One whole reply, raw.
  std::string receive() {
    std::string reply = line();
    const char type = reply[0];
    const long count = type == '$' || type == '*' ? std::stol(reply.substr(1)) : 0;
    if (type == '$' && count >= 0) reply += exactly(static_cast<std::size_t>(count) + 2);
    for (long i = 0; type == '*' && i < count; ++i) reply += receive();
    return reply;
  }

 private:
  std::string line() {
    std::string out;
    while (out.size() < 2 || out.substr(out.size() - 2) != "\r\n") out += exactly(1);
    return out;
  }
  std::string exactly(std::size_t size) {
    std::string out;
    while (out.size() < size) {
      pollfd ready{fd_, POLLIN, 0};
      char buffer[4096];
      if (::poll(&ready, 1, 5000) != 1) throw std::runtime_error("the test server does not answer");
      const auto got = ::recv(fd_, buffer, std::min(sizeof buffer, size - out.size()), 0);
      if (got <= 0) throw std::runtime_error("the test server closed the connection");
      out.append(buffer, static_cast<std::size_t>(got));
    }
    return out;
  }

  int fd_;
};

void make_certificates(const std::string& directory) {
  std::ofstream(directory + "/san.cnf") << "subjectAltName=DNS:localhost\n";
  const std::string ca = directory + "/ca", server = directory + "/server";
  const auto check = [](int status) {
    if (status != 0) throw std::runtime_error("openssl cannot make the test certificates");
  };
  check(run_program({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                     "/CN=test ca", "-keyout", ca + ".key", "-out", ca + ".crt"}));
  check(run_program({"openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
                     server + ".key", "-out", server + ".csr"}));
  check(run_program({"openssl", "x509", "-req", "-in", server + ".csr", "-CA", ca + ".crt", "-CAkey",
                     ca + ".key", "-CAcreateserial", "-days", "2", "-extfile", directory + "/san.cnf", "-out",
                     server + ".crt"}));
}

}  // namespace

int run_program(const std::vector<std::string>& words) {
  const pid_t pid = spawn(words, "/dev/null");
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool RedisServer::installed(ServerKind kind) {
  const char* path = std::getenv("PATH");
  std::istringstream parts(path != nullptr ? path : "");
  for (std::string part; std::getline(parts, part, ':');)
    if (::access((part + "/" + program(kind)).c_str(), X_OK) == 0) return true;
  std::cerr << "SKIPPED: " << program(kind) << " is not installed, so nothing is tested against it\n";
  return false;
}

RedisServer::RedisServer(ServerOptions options) : options_(std::move(options)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "comem-redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a directory for the test server");
  directory_ = pattern;
  if (options_.tls) make_certificates(directory_);
  // Another process may take the port between its choice and its use.
  for (int attempt = 0;; ++attempt) {
    port_ = free_port();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 4) {
        std::filesystem::remove_all(directory_);
        throw;
      }
    }
  }
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::vector<std::string> RedisServer::arguments() const {
  std::vector<std::string> out{
      program(options_.kind), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory_,
      "--daemonize",          "no"};
  const auto add = [&out](std::initializer_list<std::string> more) { out.insert(out.end(), more); };
  if (options_.tls)
    add({"--port", "0", "--tls-port", std::to_string(port_), "--tls-cert-file", directory_ + "/server.crt",
         "--tls-key-file", directory_ + "/server.key", "--tls-ca-cert-file", ca_file(), "--tls-auth-clients",
         "no"});
  else
    add({"--port", std::to_string(port_)});
  if (options_.unix_socket) add({"--unixsocket", directory_ + "/redis.sock"});
  if (!options_.password.empty()) add({"--requirepass", options_.password});
  out.insert(out.end(), options_.arguments.begin(), options_.arguments.end());
  return out;
}

void RedisServer::start() {
  pid_ = spawn(arguments(), directory_ + "/log");
  wait_until_ready();
}

void RedisServer::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("the test server ended: " + log());
    }
    try {
      Plain plain(port_);
      if (options_.tls) return;  // it listens; what it says is encrypted
      plain.send({"PING"});
      plain.receive();
      return;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  throw std::runtime_error("the test server does not answer: " + log());
}

std::string RedisServer::log() const {
  std::ifstream file(directory_ + "/log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string RedisServer::url() const {
  return options_.tls ? "rediss://localhost:" + std::to_string(port_)
                      : "redis://127.0.0.1:" + std::to_string(port_);
}

std::string RedisServer::socket_url() const {
  return "unix://" + directory_ + "/redis.sock";
}

void RedisServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::pause() {
  ::kill(pid_, SIGSTOP);
}
void RedisServer::resume() {
  ::kill(pid_, SIGCONT);
}

std::string RedisServer::command(const std::vector<std::string>& words) const {
  Plain plain(port_);
  if (!options_.password.empty()) {
    plain.send({"AUTH", options_.password});
    plain.receive();
  }
  plain.send(words);
  return plain.receive();
}

}  // namespace comem::testing
